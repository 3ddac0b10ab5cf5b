-- day_counts: what happened how often. in: first, last (days), divisions (NULL = all), division (NULL = any)
-- out: day, name, n. What is of no division is everybody's.
SELECT day, name, sum(n)::bigint AS n FROM day_count
WHERE day BETWEEN %(first)s AND %(last)s
    AND (division_ref = '' OR (%(divisions)b::text[] IS NULL OR division_ref = ANY(%(divisions)b::text[]))
        AND (%(division)s::text IS NULL OR division_ref = %(division)s::text))
GROUP BY day, name
