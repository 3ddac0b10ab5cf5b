-- prune_lanes: forget lanes that were idle for %(keep_days)s days and stand for no object at a destination; checklists
-- and notices, which are no objects of their own, eight times later, with what is known of them. in: keep_days, limit
WITH old AS (
    SELECT l.id FROM lane l
    WHERE l.state = 'idle' AND l.due_at < clock_timestamp() - make_interval(days => %(keep_days)s)
        AND (NOT EXISTS (SELECT 1 FROM remote_object r WHERE r.lane_id = l.id)
            OR (left(l.key, 6) = 'steps:' OR left(l.key, 7) = 'notice:')
                AND l.due_at < clock_timestamp() - make_interval(days => 8 * %(keep_days)s))
        AND NOT EXISTS (SELECT 1 FROM message m WHERE m.lane_id = l.id)
    ORDER BY l.key LIMIT %(limit)s FOR UPDATE OF l SKIP LOCKED
), known AS (
    DELETE FROM remote_object WHERE lane_id IN (SELECT id FROM old)
)
DELETE FROM lane WHERE id IN (SELECT id FROM old)
