-- figures_missing: must be true: every event that is to be counted is. in: after (pos), types. out: subject, what
SELECT 'event ' || e.id AS subject, e.type || ' at ' || e.pos || ' is not counted' AS what
FROM event e LEFT JOIN day_entry d ON d.event_id = e.id
WHERE e.pos > %(after)s AND e.type = ANY(%(types)b::text[]) AND NOT e.trial AND d.event_id IS NULL
ORDER BY e.pos LIMIT 20
