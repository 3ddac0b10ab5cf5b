-- portal_open_tasks: tasks of deliveries that are not over, and those that were deleted and may come back.
-- in: destination_id, after (task_id), limit. out: task_id
SELECT r.remote_id::bigint AS task_id
FROM delivery v
JOIN lane l ON l.destination_id = %(destination_id)s AND l.key = 'delivery:' || v.id
JOIN remote_object r ON r.lane_id = l.id AND r.remote_id ~ '^[0-9]{1,18}$'
WHERE v.on_board AND v.stage NOT IN ('settled', 'returned', 'cancelled') AND r.remote_id::bigint > %(after)s
ORDER BY r.remote_id::bigint LIMIT %(limit)s
