-- view_destinations: every destination with its figures. out: id, name, kind, state, why, breaker, breaker_until, breaker_why,
-- waiting, dead, oldest_s (photos left out: they wait for their phones)
SELECT d.id, d.name, d.kind, d.state, d.why, d.breaker, d.breaker_until, d.breaker_why, s.url,
    coalesce(w.waiting, 0) AS waiting, coalesce(x.dead, 0) AS dead, w.oldest_s
FROM destination d LEFT JOIN subscription s ON s.destination_id = d.id
LEFT JOIN LATERAL (
    SELECT sum(l.depth)::bigint AS waiting,
        (SELECT extract(epoch FROM clock_timestamp() - min(m.made_at))::float8 FROM message m
            JOIN (SELECT id FROM lane WHERE destination_id = d.id AND depth > 0 AND NOT held
                AND left(key, 7) <> 'photos:' ORDER BY due_at LIMIT 1000) o ON o.id = m.lane_id
            WHERE m.dead_at IS NULL) AS oldest_s
    FROM lane l WHERE l.destination_id = d.id AND l.depth > 0) w ON true
LEFT JOIN LATERAL (
    SELECT count(*) AS dead FROM message m JOIN lane l ON l.id = m.lane_id
    WHERE l.destination_id = d.id AND m.dead_at IS NOT NULL) x ON true
WHERE d.state <> 'deleted' ORDER BY d.id
