-- view_incidents_open: how many incidents wait for a person, by kind. in: divisions (refs, null = all). out: kind, n
SELECT kind, count(*) AS n FROM incident
WHERE state = 'open' AND (%(divisions)s::text[] IS NULL OR division_ref = ANY(%(divisions)s))
GROUP BY kind ORDER BY kind
