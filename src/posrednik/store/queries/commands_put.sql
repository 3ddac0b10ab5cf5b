-- commands_put: commands and what became of them; a waiting one that is done now is overwritten.
-- in: base_id; arrays ids, types, hashes, statuses, codes, messages, results, order_refs, datas, issued_ats, issued_bys,
-- epoch_nos, numbers, idxs
INSERT INTO command (base_id, id, type, content_hash, status, code, message, result, order_ref, data, issued_at, issued_by,
    epoch_no, number, idx, finished_at)
SELECT %(base_id)s, u.id, u.type, u.hash, u.status, u.code, u.message, u.result::json, u.order_ref, u.data::jsonb,
    u.issued_at, u.issued_by, u.epoch_no, u.number, u.idx, CASE WHEN u.status <> 'waiting' THEN now() END
FROM unnest(%(ids)b::uuid[], %(types)b::text[], %(hashes)b::bytea[], %(statuses)b::text[], %(codes)b::text[],
    %(messages)b::text[], %(results)b::text[], %(order_refs)b::uuid[], %(datas)b::text[], %(issued_ats)b::timestamptz[],
    %(issued_bys)b::text[], %(epoch_nos)b::int[], %(numbers)b::bigint[], %(idxs)b::int[])
    AS u (id, type, hash, status, code, message, result, order_ref, data, issued_at, issued_by, epoch_no, number, idx)
ON CONFLICT (base_id, id) DO UPDATE SET status = excluded.status, code = excluded.code, message = excluded.message,
    result = excluded.result, finished_at = excluded.finished_at
