-- mirror_content: what was accepted last of objects, applied or waiting, as their base sent it. in: base_id, kinds, refs
-- (arrays). out: kind, ref, epoch_no, number, idx, deleted, posted, data (text)
WITH u AS (SELECT * FROM unnest(%(kinds)b::text[], %(refs)b::text[]) AS u (kind, ref)), known AS (
    SELECT m.kind, m.ref, m.epoch_no, m.number, m.idx, m.deleted, m.posted, m.data
    FROM u JOIN mirror m ON m.base_id = %(base_id)s AND m.kind = u.kind AND m.ref = u.ref
    UNION ALL
    SELECT w.kind, w.ref, w.epoch_no, w.number, w.idx, w.deleted, w.posted, w.data
    FROM u JOIN waiting_object w ON w.base_id = %(base_id)s AND w.kind = u.kind AND w.ref = u.ref
)
SELECT DISTINCT ON (kind, ref) kind, ref, epoch_no, number, idx, deleted, posted, data::text AS data
FROM known ORDER BY kind, ref, epoch_no DESC, number DESC, idx DESC
