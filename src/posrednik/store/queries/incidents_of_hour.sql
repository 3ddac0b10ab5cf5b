-- incidents_of_hour: how many incidents, weak signs left out, divisions had within the last hour. in: divisions (refs)
-- out: division_ref, n
SELECT division_ref, count(*)::int AS n FROM incident
WHERE raised_at > now() - interval '1 hour' AND severity <> 'notice' AND division_ref = ANY(%(divisions)b::text[])
GROUP BY division_ref
