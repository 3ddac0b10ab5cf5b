-- slices_agreement: how far bases agreed, by the last comparison of each slice in the day. in: first, last. out: day (null = by
-- the last comparison in all these days), checked, agreeing (objects; a slice that did not agree agrees in none)
WITH compared AS (
    SELECT (at AT TIME ZONE zone_of('', base_id))::date AS day, base_id, kind, slice, id, equal,
        greatest(theirs_count, ours_count) AS n
    FROM slice_check
    WHERE equal IS NOT NULL AND at >= %(first)s::date - 1 AND at < %(last)s::date + 2
), inside AS (
    SELECT * FROM compared WHERE day BETWEEN %(first)s AND %(last)s
), of_day AS (
    SELECT DISTINCT ON (day, base_id, kind, slice) * FROM inside ORDER BY day, base_id, kind, slice, id DESC
), of_all AS (
    SELECT DISTINCT ON (base_id, kind, slice) * FROM inside ORDER BY base_id, kind, slice, id DESC
)
SELECT day, sum(n)::bigint AS checked, coalesce(sum(n) FILTER (WHERE equal), 0)::bigint AS agreeing FROM of_day GROUP BY day
UNION ALL
SELECT NULL, sum(n)::bigint, coalesce(sum(n) FILTER (WHERE equal), 0)::bigint FROM of_all HAVING count(*) > 0
