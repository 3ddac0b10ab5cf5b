-- shadow_summary: what would have been sent, by type and destination. in: since, until, divisions (null = all)
-- out: type, destination, method, n, trial_n, bytes, first_at, last_at
SELECT type, destination, method, count(*) AS n, count(*) FILTER (WHERE trial) AS trial_n, sum(bytes)::bigint AS bytes,
    min(at) AS first_at, max(at) AS last_at
FROM shadow_message
WHERE at >= %(since)s AND at < %(until)s AND (%(divisions)s::text[] IS NULL OR division_ref = ANY(%(divisions)s))
GROUP BY type, destination, method ORDER BY n DESC, type, destination
