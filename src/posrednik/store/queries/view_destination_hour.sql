-- view_destination_hour: the last hour by destination. out: system, done, done_5m, failed, last_error, last_error_at
SELECT system, count(*) FILTER (WHERE outcome IN ('accepted', 'found')) AS done,
    count(*) FILTER (WHERE outcome IN ('accepted', 'found') AND at > now() - interval '5 minutes') AS done_5m,
    count(*) FILTER (WHERE outcome IN ('try_later', 'refused', 'unclear')) AS failed,
    (array_agg(summary ORDER BY at DESC) FILTER (WHERE outcome IN ('try_later', 'refused', 'unclear')))[1] AS last_error,
    max(at) FILTER (WHERE outcome IN ('try_later', 'refused', 'unclear')) AS last_error_at
FROM journal WHERE kind = 'attempt' AND at > now() - interval '1 hour' GROUP BY system
