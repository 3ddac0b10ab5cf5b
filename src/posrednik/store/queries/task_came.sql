-- task_came: what waits for tasks that were made now goes at once. in: lane_ids (of what has an object now), steps (what
-- lanes of photos end with). out: destination_id. Skips lanes that others hold: those look for the task anyway.
WITH made AS (
    SELECT destination_id, substr(key, 10) AS delivery FROM lane
    WHERE id = ANY(%(lane_ids)b::bigint[]) AND left(key, 9) = 'delivery:'
), waits AS (
    SELECT w.id FROM made m
    CROSS JOIN LATERAL (
        SELECT 'steps:' || m.delivery UNION ALL SELECT 'talk:' || m.delivery
        UNION ALL SELECT 'photos:' || m.delivery || ':' || s FROM unnest(%(steps)b::text[]) AS s) AS k (key)
    JOIN lane w ON w.destination_id = m.destination_id AND w.key = k.key
    WHERE w.state = 'ready' AND w.why = 'no_task_yet'
    ORDER BY w.destination_id, w.key FOR UPDATE OF w SKIP LOCKED
)
UPDATE lane l SET due_at = clock_timestamp() FROM waits WHERE l.id = waits.id RETURNING l.destination_id
