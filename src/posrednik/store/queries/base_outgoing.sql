-- base_outgoing: what the bases have not acknowledged. in: most (counts end there). out: name (of the destination), state, why,
-- waiting (events), given (orders and the like whose events are with 1C, not answered yet), dead (events), oldest_s
-- By the index of lanes that are ready, not by all lanes of the destination.
SELECT d.name, d.state, d.why, coalesce(w.waiting, 0)::bigint AS waiting, coalesce(w.given, 0)::bigint AS given, x.dead, o.oldest_s
FROM destination d
CROSS JOIN LATERAL (
    SELECT sum(l.depth) AS waiting, count(*) FILTER (WHERE l.why = 'given' AND l.due_at > now()) AS given
    FROM (SELECT depth, why, due_at FROM lane WHERE destination_id = d.id AND state = 'ready' LIMIT %(most)s) l) w
CROSS JOIN LATERAL (
    SELECT extract(epoch FROM clock_timestamp() - min(m.made_at))::float8 AS oldest_s FROM message m
    JOIN (SELECT id FROM lane WHERE destination_id = d.id AND state = 'ready' ORDER BY due_at LIMIT 1000) l ON l.id = m.lane_id
    WHERE m.dead_at IS NULL) o
CROSS JOIN LATERAL (
    SELECT count(*) AS dead FROM message m JOIN lane l ON l.id = m.lane_id WHERE l.destination_id = d.id AND m.dead_at IS NOT NULL) x
WHERE d.kind = 'onec' AND d.state <> 'deleted'
