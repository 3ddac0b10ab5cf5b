-- portal_tasks_of: which task dispatch keeps for a delivery. in: destination_id, delivery_ids. out: delivery_id, task_id
-- (text), idle (nothing of it is on its way)
SELECT substr(l.key, 10)::uuid AS delivery_id, r.remote_id AS task_id, l.depth = 0 AS idle
FROM unnest(%(delivery_ids)b::uuid[]) AS u (id)
JOIN lane l ON l.destination_id = %(destination_id)s AND l.key = 'delivery:' || u.id
JOIN remote_object r ON r.lane_id = l.id
