-- alarm_destinations: each destination with what alarms look at
-- out: id, name, kind, state, breaker_since (null = it is closed), breaker_why, url, base (name of the base), dead, oldest_s
-- A photo waits for the phone as long as that takes, so it is not late; nor is what a person holds back.
SELECT d.id, d.name, d.kind, d.state, d.breaker_since, d.breaker_why, s.url, b.name AS base,
    (SELECT count(*) FROM message m JOIN lane l ON l.id = m.lane_id
        WHERE l.destination_id = d.id AND m.dead_at IS NOT NULL) AS dead,
    coalesce((SELECT extract(epoch FROM clock_timestamp() - min(m.made_at))::float8
        FROM (SELECT id FROM lane WHERE destination_id = d.id AND depth > 0 AND NOT held AND state <> 'dead'
            AND left(key, 7) <> 'photos:' ORDER BY due_at LIMIT 1000) o
        JOIN message m ON m.lane_id = o.id AND m.dead_at IS NULL), 0) AS oldest_s
FROM destination d LEFT JOIN subscription s ON s.destination_id = d.id
LEFT JOIN base b ON d.kind = 'onec' AND d.name = 'onec:' || b.id
WHERE d.state <> 'deleted' ORDER BY d.id
