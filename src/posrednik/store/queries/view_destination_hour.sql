-- view_destination_hour: the last hour by destination. out: system, done, last_error, last_error_at
SELECT system, count(*) FILTER (WHERE outcome IN ('accepted', 'found')) AS done,
    (array_agg(summary ORDER BY at DESC) FILTER (WHERE outcome IN ('try_later', 'refused', 'unclear')))[1] AS last_error,
    max(at) FILTER (WHERE outcome IN ('try_later', 'refused', 'unclear')) AS last_error_at
FROM journal WHERE kind = 'attempt' AND at > now() - interval '1 hour' GROUP BY system
