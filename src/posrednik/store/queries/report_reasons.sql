-- report_reasons: tries that failed, by reason and courier. in: first, last (days), divisions (NULL = all), division,
-- courier (NULL = any). out: division_ref, courier_ref, reason, n
SELECT division_ref, courier_ref, reason, sum(n)::bigint AS n FROM day_reason
WHERE day BETWEEN %(first)s AND %(last)s
    AND (%(divisions)b::text[] IS NULL OR division_ref = ANY(%(divisions)b::text[]))
    AND (%(division)s::text IS NULL OR division_ref = %(division)s::text)
    AND (%(courier)s::text IS NULL OR courier_ref = %(courier)s::text)
GROUP BY 1, 2, 3 HAVING sum(n) <> 0 ORDER BY 4 DESC, 3, 2, 1
