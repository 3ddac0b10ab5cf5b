-- day_count_most: a count of today that does not add up: the highest of the day stays. in: name, n
INSERT INTO day_count AS c (day, division_ref, name, n)
VALUES ((clock_timestamp() AT TIME ZONE zone_of('', (SELECT id FROM base ORDER BY name LIMIT 1)))::date, '', %(name)s, %(n)s)
ON CONFLICT (day, division_ref, name) DO UPDATE SET n = greatest(c.n, excluded.n)
