-- report_days: figures of each day by courier, newest day first. in: as report_figures. out: the same, with the day
SELECT g.day, g.division_ref, g.courier_ref, n.called AS courier, g.figures
FROM (
    SELECT day, division_ref, courier_ref, json_object_agg(name, value)::text AS figures
    FROM day_figure
    WHERE day BETWEEN %(first)s AND %(last)s AND name = ANY(%(names)b::text[]) AND value <> 0
        AND (%(divisions)b::text[] IS NULL OR division_ref = ANY(%(divisions)b::text[]))
        AND (%(division)s::text IS NULL OR division_ref = %(division)s::text)
        AND (%(courier)s::text IS NULL OR courier_ref = %(courier)s::text)
    GROUP BY 1, 2, 3
) AS g
LEFT JOIN unnest(%(refs)b::text[], %(called)b::text[]) AS n (ref, called) ON n.ref = g.courier_ref
ORDER BY g.day DESC, n.called, g.courier_ref, g.division_ref
