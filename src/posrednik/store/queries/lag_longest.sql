-- lag_longest: the longest lag of each name. in: first, last (days), divisions (NULL = all), division (NULL = any), names
-- out: name, seconds
SELECT name, max(seconds) AS seconds FROM lag
WHERE name = ANY(%(names)b::text[]) AND day BETWEEN %(first)s AND %(last)s
    AND (division_ref = '' OR (%(divisions)b::text[] IS NULL OR division_ref = ANY(%(divisions)b::text[]))
        AND (%(division)s::text IS NULL OR division_ref = %(division)s::text))
GROUP BY name
