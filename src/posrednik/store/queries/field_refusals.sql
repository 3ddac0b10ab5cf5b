-- field_refusals: what was refused since a day. in: since (day)
-- out: name, n, last_at, by (the system that was refused most on a day)
SELECT name, sum(n)::bigint AS n, max(last_at) AS last_at,
    (array_agg(system ORDER BY n DESC, system))[1] AS by
FROM field_refusal WHERE day >= %(since)s GROUP BY name
