-- report_figures: figures of all the days together, by courier. in: first, last (days), names, divisions (NULL = all),
-- division, courier (NULL = any), arrays refs and called of couriers' names
-- out: day (NULL), division_ref, courier_ref, courier (name), figures (JSON text); by name
SELECT NULL::date AS day, g.division_ref, g.courier_ref, n.called AS courier, g.figures
FROM (
    SELECT division_ref, courier_ref, json_object_agg(name, value)::text AS figures
    FROM (
        SELECT division_ref, courier_ref, name, sum(value)::bigint AS value
        FROM day_figure
        WHERE day BETWEEN %(first)s AND %(last)s AND name = ANY(%(names)b::text[])
            AND (%(divisions)b::text[] IS NULL OR division_ref = ANY(%(divisions)b::text[]))
            AND (%(division)s::text IS NULL OR division_ref = %(division)s::text)
            AND (%(courier)s::text IS NULL OR courier_ref = %(courier)s::text)
        GROUP BY 1, 2, 3 HAVING sum(value) <> 0
    ) AS f
    GROUP BY 1, 2
) AS g
LEFT JOIN unnest(%(refs)b::text[], %(called)b::text[]) AS n (ref, called) ON n.ref = g.courier_ref
ORDER BY n.called, g.courier_ref, g.division_ref
