-- mirror_put: the newest state of objects. in: base_id; arrays kinds, refs, versions, hashes, epoch_nos, numbers, idxs,
-- deleteds, posteds, event_ids, datas (JSON text). The caller has checked the ranks under the base's lock.
-- A deletion without data ({}) keeps the data that were known.
INSERT INTO mirror AS m (base_id, kind, ref, version, hash, epoch_no, number, idx, deleted, posted, event_id, data)
SELECT %(base_id)s, u.kind, u.ref, u.version, u.hash, u.epoch_no, u.number, u.idx, u.deleted, u.posted, u.event_id, u.data::jsonb
FROM unnest(%(kinds)b::text[], %(refs)b::text[], %(versions)b::text[], %(hashes)b::bytea[], %(epoch_nos)b::int[],
    %(numbers)b::bigint[], %(idxs)b::int[], %(deleteds)b::bool[], %(posteds)b::bool[], %(event_ids)b::uuid[],
    %(datas)b::text[])
    AS u (kind, ref, version, hash, epoch_no, number, idx, deleted, posted, event_id, data)
ON CONFLICT (base_id, kind, ref) DO UPDATE SET version = excluded.version, hash = excluded.hash,
    epoch_no = excluded.epoch_no, number = excluded.number, idx = excluded.idx, deleted = excluded.deleted,
    posted = excluded.posted, event_id = coalesce(excluded.event_id, m.event_id), changed_at = now(),
    data = CASE WHEN excluded.deleted AND excluded.data = '{}' THEN m.data ELSE excluded.data END
