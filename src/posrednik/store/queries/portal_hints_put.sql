-- portal_hints_put: tasks that are to be looked at. in: arrays task_ids, in_s (seconds from now); known: only those that
-- dispatch keeps or that we saw, since a portal tells of all its tasks. The sooner time holds, so that a task that never
-- rests is looked at all the same; each call gives a new mark.
INSERT INTO portal_hint AS h (task_id, due_at)
SELECT u.task_id, clock_timestamp() + make_interval(secs => u.in_s)
FROM unnest(%(task_ids)b::bigint[], %(in_s)b::float8[]) AS u (task_id, in_s)
WHERE NOT %(known)s::boolean
    OR EXISTS (SELECT 1 FROM remote_object r JOIN lane l ON l.id = r.lane_id
        WHERE r.remote_id = u.task_id::text AND l.key LIKE 'delivery:%%')
ORDER BY u.task_id
ON CONFLICT (task_id) DO UPDATE SET due_at = least(h.due_at, excluded.due_at), mark = DEFAULT, times = h.times + 1
