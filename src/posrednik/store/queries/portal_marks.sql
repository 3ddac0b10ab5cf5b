-- portal_marks: what is known of tasks, by their number. in: destination_id, task_ids. out: task_id, lane_id, delivery_id,
-- order_ref, depth, last_seq, epoch, state (of the lane), dead_code (of its dead head), written (text), time_zone, and of
-- portal_task seq (0 = never seen), texts (text), changed_at, gone_at. One that is no task of ours has no lane.
SELECT u.task_id, x.lane_id, x.delivery_id, v.order_ref, x.depth, x.last_seq, x.epoch, x.state, x.dead_code, x.written,
    coalesce(e.data #>> '{delivery,time_zone}', 'Europe/Moscow') AS time_zone,
    coalesce(p.seq, 0) AS seq, p.texts::text AS texts, p.changed_at, p.gone_at
FROM unnest(%(task_ids)b::bigint[]) AS u (task_id)
LEFT JOIN LATERAL (
    SELECT l.id AS lane_id, substr(l.key, 10)::uuid AS delivery_id, l.depth, l.last_seq, l.epoch, l.state,
        r.written::text AS written,
        (SELECT m.dead_code FROM message m WHERE m.lane_id = l.id AND m.dead_at IS NOT NULL ORDER BY m.seq LIMIT 1) AS dead_code
    FROM remote_object r JOIN lane l ON l.id = r.lane_id
    WHERE r.remote_id = u.task_id::text AND l.destination_id = %(destination_id)s AND l.key LIKE 'delivery:%%'
    LIMIT 1
) x ON true
LEFT JOIN delivery v ON v.id = x.delivery_id
LEFT JOIN event e ON e.subject_kind = 'delivery' AND e.subject_id = x.delivery_id::text AND e.version = v.version
LEFT JOIN portal_task p ON p.task_id = u.task_id
