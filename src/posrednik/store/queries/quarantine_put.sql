-- quarantine_put: what cannot be applied, kept whole. in: base_id, epoch_no, number; arrays kinds, refs, idxs, codes,
-- messages, fields, values, bodies
INSERT INTO quarantine (base_id, kind, ref, epoch_no, number, idx, code, message, field, value, body)
SELECT %(base_id)s, u.kind, u.ref, %(epoch_no)s, %(number)s, u.idx, u.code, u.message, u.field, u.value, u.body
FROM unnest(%(kinds)b::text[], %(refs)b::text[], %(idxs)b::int[], %(codes)b::text[], %(messages)b::text[],
    %(fields)b::text[], %(values)b::text[], %(bodies)b::bytea[])
    AS u (kind, ref, idx, code, message, field, value, body)
