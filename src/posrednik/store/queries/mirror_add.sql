-- mirror_add: objects that were never here. in: as mirror_put
-- Without ON CONFLICT, which costs a little on every row of a first load; the base's lock keeps others away.
INSERT INTO mirror (base_id, kind, ref, version, hash, epoch_no, number, idx, deleted, posted, event_id, data)
SELECT %(base_id)s, u.kind, u.ref, u.version, u.hash, u.epoch_no, u.number, u.idx, u.deleted, u.posted, u.event_id, u.data::jsonb
FROM unnest(%(kinds)b::text[], %(refs)b::text[], %(versions)b::text[], %(hashes)b::bytea[], %(epoch_nos)b::int[],
    %(numbers)b::bigint[], %(idxs)b::int[], %(deleteds)b::bool[], %(posteds)b::bool[], %(event_ids)b::uuid[],
    %(datas)b::text[])
    AS u (kind, ref, version, hash, epoch_no, number, idx, deleted, posted, event_id, data)
