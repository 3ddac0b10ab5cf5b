-- portal_methods: what the methods of the portal cost, by destination. in: destination_id
-- out: method, calls, refused, operating_s (null when the portal has forgotten it), reset_at, limit_s, last_code, last_at,
-- rests_s (how long dispatch leaves it alone), why
SELECT m.method, m.calls, m.refused,
    CASE WHEN m.last_at > now() - interval '10 minutes' THEN m.operating_s END AS operating_s, m.reset_at,
    CASE WHEN m.learned_at > now() - interval '1 day' THEN m.limit_s END AS limit_s, m.last_code, m.last_at,
    greatest(extract(epoch FROM p.until - clock_timestamp())::float8, 0) AS rests_s, coalesce(p.why, '') AS why
FROM portal_method m LEFT JOIN method_pause p ON p.destination_id = m.destination_id AND p.method = m.method
    AND p.until > clock_timestamp()
WHERE m.destination_id = %(destination_id)s ORDER BY operating_s DESC NULLS LAST, m.calls DESC, m.method
