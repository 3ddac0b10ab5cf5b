-- mirror_touch: the same content came again under a newer number or version. in: base_id; arrays kinds, refs, versions,
-- epoch_nos, numbers, idxs
UPDATE mirror m SET version = u.version, epoch_no = u.epoch_no, number = u.number, idx = u.idx
FROM unnest(%(kinds)b::text[], %(refs)b::text[], %(versions)b::text[], %(epoch_nos)b::int[], %(numbers)b::bigint[],
    %(idxs)b::int[]) AS u (kind, ref, version, epoch_no, number, idx)
WHERE m.base_id = %(base_id)s AND m.kind = u.kind AND m.ref = u.ref
