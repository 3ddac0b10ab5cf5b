-- check_lane_depths: must be true: a lane's depth is the number of its messages that are not dead letters passed by.
-- out: subject, what (one row a lane that is wrong, the first 20)
SELECT d.name || ' ' || l.key AS subject, 'depth ' || l.depth || ', messages ' || c.n AS what
FROM lane l JOIN destination d ON d.id = l.destination_id
CROSS JOIN LATERAL (SELECT count(*) AS n FROM message m
    WHERE m.lane_id = l.id AND (m.dead_at IS NULL OR l.state = 'dead')) c
WHERE (l.depth > 0 OR l.state <> 'idle') AND l.depth <> c.n LIMIT 20
