-- reconciliation_found_add: objects that do not agree. in: run_id, sampled; arrays kinds, refs, whats, fields (JSON texts of
-- lists), epoch_nos, numbers, idxs
-- Listed again in the same run, only what has become of it since is news: it was sent and could not be applied.
INSERT INTO reconciliation_found AS f (run_id, kind, ref, sampled, what, fields, epoch_no, number, idx)
SELECT %(run_id)s, u.kind, u.ref, %(sampled)s, u.what, ARRAY(SELECT json_array_elements_text(u.fields::json)), u.epoch_no, u.number, u.idx
FROM unnest(%(kinds)b::text[], %(refs)b::text[], %(whats)b::text[], %(fields)b::text[], %(epoch_nos)b::int[], %(numbers)b::bigint[],
    %(idxs)b::int[]) AS u (kind, ref, what, fields, epoch_no, number, idx)
ON CONFLICT (run_id, sampled, kind, ref) DO UPDATE SET what = excluded.what WHERE excluded.what IN ('waiting', 'quarantined')
