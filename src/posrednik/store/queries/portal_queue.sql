-- portal_queue: what waits for the portal, by kind of message. in: destination_id
-- out: method, waiting, dead, doubt (lanes whose first message may have arrived), oldest_s
SELECT m.method, count(*) FILTER (WHERE m.dead_at IS NULL) AS waiting, count(*) FILTER (WHERE m.dead_at IS NOT NULL) AS dead,
    count(*) FILTER (WHERE m.dead_at IS NULL AND m.seq <= l.doubt_upto) AS doubt,
    extract(epoch FROM clock_timestamp() - min(m.made_at) FILTER (WHERE m.dead_at IS NULL))::float8 AS oldest_s
FROM lane l JOIN message m ON m.lane_id = l.id
WHERE l.destination_id = %(destination_id)s AND (l.depth > 0 OR l.state = 'dead') GROUP BY m.method ORDER BY m.method
