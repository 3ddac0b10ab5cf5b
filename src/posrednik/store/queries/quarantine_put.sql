-- quarantine_put: what cannot be applied, kept whole. in: base_id, epoch_no, number; arrays kinds, refs, idxs, codes,
-- messages, bodies
INSERT INTO quarantine (base_id, kind, ref, epoch_no, number, idx, code, message, body)
SELECT %(base_id)s, u.kind, u.ref, %(epoch_no)s, %(number)s, u.idx, u.code, u.message, u.body
FROM unnest(%(kinds)b::text[], %(refs)b::text[], %(idxs)b::int[], %(codes)b::text[], %(messages)b::text[],
    %(bodies)b::bytea[]) AS u (kind, ref, idx, code, message, body)
