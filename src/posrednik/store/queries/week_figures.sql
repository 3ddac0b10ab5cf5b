-- week_figures: figures of days, of a week and of the one before. in: first, last (days), before (first day of the week
-- before), divisions (null = all). out: name, value, earlier
SELECT name, coalesce(sum(value) FILTER (WHERE day >= %(first)s), 0)::bigint AS value,
    coalesce(sum(value) FILTER (WHERE day < %(first)s), 0)::bigint AS earlier
FROM day_figure
WHERE day BETWEEN %(before)s AND %(last)s AND (%(divisions)s::text[] IS NULL OR division_ref = ANY(%(divisions)s))
GROUP BY name
