-- day_counts_add: count what happened on a day. in: arrays names, ns, division_refs, base_ids, ats
-- Locks rows of day_count in the order of their keys.
INSERT INTO day_count AS c (day, division_ref, name, n)
SELECT (u.at AT TIME ZONE zone_of(u.division_ref, u.base_id))::date, u.division_ref, u.name, sum(u.n)
FROM unnest(%(names)b::text[], %(ns)b::bigint[], %(division_refs)b::text[], %(base_ids)b::uuid[], %(ats)b::timestamptz[])
    AS u (name, n, division_ref, base_id, at)
GROUP BY 1, 2, 3 HAVING sum(u.n) > 0 ORDER BY 1, 2, 3
ON CONFLICT (day, division_ref, name) DO UPDATE SET n = c.n + excluded.n
