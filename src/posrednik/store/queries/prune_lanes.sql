-- prune_lanes: forget lanes that were idle for %(keep_days)s days and stand for no object at a destination. in: keep_days, limit
DELETE FROM lane WHERE id IN (
    SELECT l.id FROM lane l
    WHERE l.state = 'idle' AND l.due_at < clock_timestamp() - make_interval(days => %(keep_days)s)
        AND NOT EXISTS (SELECT 1 FROM remote_object r WHERE r.lane_id = l.id)
        AND NOT EXISTS (SELECT 1 FROM message m WHERE m.lane_id = l.id)
    ORDER BY l.key LIMIT %(limit)s FOR UPDATE OF l SKIP LOCKED)
