-- mirror_touch: the same content came again under a newer number or version. in: base_id; arrays kinds, refs, versions,
-- epoch_nos, numbers, idxs, event_ids
UPDATE mirror m SET version = u.version, epoch_no = u.epoch_no, number = u.number, idx = u.idx,
    event_id = coalesce(u.event_id, m.event_id)
FROM unnest(%(kinds)b::text[], %(refs)b::text[], %(versions)b::text[], %(epoch_nos)b::int[], %(numbers)b::bigint[],
    %(idxs)b::int[], %(event_ids)b::uuid[]) AS u (kind, ref, version, epoch_no, number, idx, event_id)
WHERE m.base_id = %(base_id)s AND m.kind = u.kind AND m.ref = u.ref
