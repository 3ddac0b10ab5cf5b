-- waiting_put: objects that wait for others. in: as mirror_put
INSERT INTO waiting_object AS w (base_id, kind, ref, version, hash, epoch_no, number, idx, deleted, posted, event_id, data)
SELECT %(base_id)s, u.kind, u.ref, u.version, u.hash, u.epoch_no, u.number, u.idx, u.deleted, u.posted, u.event_id, u.data::jsonb
FROM unnest(%(kinds)b::text[], %(refs)b::text[], %(versions)b::text[], %(hashes)b::bytea[], %(epoch_nos)b::int[],
    %(numbers)b::bigint[], %(idxs)b::int[], %(deleteds)b::bool[], %(posteds)b::bool[], %(event_ids)b::uuid[],
    %(datas)b::text[])
    AS u (kind, ref, version, hash, epoch_no, number, idx, deleted, posted, event_id, data)
