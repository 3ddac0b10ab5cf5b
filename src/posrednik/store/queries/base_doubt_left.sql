-- base_doubt_left: what a restored base sent before and has not confirmed since. in: base_id, monthly (kinds compared by months)
-- out: kind, slice (empty: the whole kind), n, largest first
-- An object is confirmed that has come again, or was deleted; that was in a slice which agreed; that a run's whole list of its
-- slice did not miss; or whose absence a person has decided on. Reads the base's part of the mirror, and of it only what is
-- compared is carried on: with their data the objects of a large base would be sorted on the disk.
WITH b AS (SELECT id, time_zone, doubt_epoch_no, doubt_number, doubt_at FROM base WHERE id = %(base_id)s AND doubt_epoch_no > 0),
proof AS MATERIALIZED (
    SELECT DISTINCT c.kind, c.slice, CASE WHEN NOT c.equal THEN c.run_id END AS run_id
    FROM b JOIN slice_check c ON c.base_id = b.id AND c.at >= b.doubt_at
    WHERE c.equal OR (c.run_id IS NOT NULL AND c.differing IS NOT NULL AND coalesce(cardinality(c.unlisted), 0) = 0)
),
old AS MATERIALIZED (
    SELECT m.kind, m.ref, CASE WHEN m.kind = ANY(%(monthly)s::text[]) AND m.data ->> 'date' IS NOT NULL
        THEN to_char((m.data ->> 'date')::timestamptz AT TIME ZONE b.time_zone, 'YYYY-MM') ELSE '' END AS slice
    FROM b JOIN mirror m ON m.base_id = b.id AND NOT m.deleted AND (m.epoch_no, m.number) <= (b.doubt_epoch_no, b.doubt_number)
)
SELECT o.kind, o.slice, count(*) AS n FROM old o CROSS JOIN b
WHERE NOT EXISTS (
        SELECT 1 FROM proof p WHERE p.kind = o.kind AND p.slice IN (o.slice, '') AND (p.run_id IS NULL OR NOT EXISTS (
            SELECT 1 FROM reconciliation_found f
            WHERE f.run_id = p.run_id AND NOT f.sampled AND f.kind = o.kind AND f.ref = o.ref AND f.what = 'missing_there')))
    AND NOT EXISTS (
        SELECT 1 FROM incident i
        WHERE i.subject_kind = 'object' AND i.subject_id = o.kind || ':' || o.ref AND i.kind = 'does_not_agree'
            AND i.base_id = b.id AND i.state = 'decided' AND (i.doc ->> 'decided_at')::timestamptz >= b.doubt_at)
GROUP BY o.kind, o.slice ORDER BY n DESC, o.kind, o.slice
