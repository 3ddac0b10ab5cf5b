-- mirror_known: rank and content of objects, applied or waiting. in: base_id, kinds, refs (arrays)
-- out: kind, ref, epoch_no, number, idx, hash, waiting
WITH u AS (SELECT * FROM unnest(%(kinds)b::text[], %(refs)b::text[]) AS u (kind, ref))
SELECT m.kind, m.ref, m.epoch_no, m.number, m.idx, m.hash, false AS waiting
FROM u JOIN mirror m ON m.base_id = %(base_id)s AND m.kind = u.kind AND m.ref = u.ref
UNION ALL
SELECT w.kind, w.ref, w.epoch_no, w.number, w.idx, w.hash, true
FROM u JOIN waiting_object w ON w.base_id = %(base_id)s AND w.kind = u.kind AND w.ref = u.ref
