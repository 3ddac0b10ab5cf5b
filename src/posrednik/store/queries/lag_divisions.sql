-- lag_divisions: how many lags of a name each division has. in: first, last (days), divisions (NULL = all), division (NULL =
-- any), name. out: division_ref, n
SELECT division_ref, sum(n)::bigint AS n FROM lag_day
WHERE name = %(name)s AND day BETWEEN %(first)s AND %(last)s
    AND (%(divisions)b::text[] IS NULL OR division_ref = ANY(%(divisions)b::text[]))
    AND (%(division)s::text IS NULL OR division_ref = %(division)s::text)
GROUP BY division_ref
