-- kpi_figures: figures of days, all couriers together. in: first, last (days), divisions (NULL = all), division (NULL = any),
-- names. out: day, name, value
SELECT day, name, sum(value)::bigint AS value FROM day_figure
WHERE day BETWEEN %(first)s AND %(last)s AND name = ANY(%(names)b::text[])
    AND (%(divisions)b::text[] IS NULL OR division_ref = ANY(%(divisions)b::text[]))
    AND (%(division)s::text IS NULL OR division_ref = %(division)s::text)
GROUP BY day, name
