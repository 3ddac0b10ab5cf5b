-- slices_agreement: how far bases agreed. in: first, last. out: day (null = all these days together), checked, agreeing (objects)
-- Where a base had runs, its last one that ended counts (or the last, if none did), each slice as it was found: before anything was sent again. Where it had none,
-- the last comparison of each slice does. Of a slice whose differing objects were all listed the rest agrees; of another one
-- that did not agree, nothing.
WITH compared AS (
    SELECT (c.at AT TIME ZONE zone_of('', c.base_id))::date AS day, c.base_id, c.kind, c.slice, c.id, r.id AS run, r.started_at,
        r.state = 'done' AS ended,
        greatest(c.theirs_count, c.ours_count) AS n,
        CASE WHEN c.equal THEN greatest(c.theirs_count, c.ours_count)
            WHEN c.differing IS NULL OR cardinality(c.unlisted) > 0 THEN 0
            ELSE greatest(0, greatest(c.theirs_count, c.ours_count) - c.differing) END AS agreeing
    FROM slice_check c LEFT JOIN reconciliation r ON r.id = c.run_id
    WHERE c.equal IS NOT NULL AND c.at >= %(first)s::date - 1 AND c.at < %(last)s::date + 2
), inside AS (
    SELECT * FROM compared WHERE day BETWEEN %(first)s AND %(last)s
), spans AS (
    SELECT day AS span, * FROM inside UNION ALL SELECT NULL, * FROM inside
), newest AS (
    SELECT DISTINCT ON (span, base_id) span, base_id, run FROM spans ORDER BY span, base_id, ended DESC NULLS LAST, started_at DESC, run
), counted AS (
    SELECT DISTINCT ON (s.span, s.base_id, s.kind, s.slice) s.span, s.n, s.agreeing
    FROM spans s JOIN newest w ON w.span IS NOT DISTINCT FROM s.span AND w.base_id = s.base_id AND w.run IS NOT DISTINCT FROM s.run
    ORDER BY s.span, s.base_id, s.kind, s.slice, CASE WHEN s.run IS NULL THEN -s.id ELSE s.id END
)
SELECT span AS day, sum(n)::bigint AS checked, sum(agreeing)::bigint AS agreeing FROM counted GROUP BY span
