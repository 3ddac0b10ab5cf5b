-- portal_duplicates: deliveries with several tasks, the newest first. in: limit
-- out: delivery_id, order_number, order_ref, division_ref, task_ids, kept (the task that dispatch writes, text), found_at,
-- seen_at
SELECT d.delivery_id, v.order_number, v.order_ref, v.division_ref, d.task_ids, r.remote_id AS kept, d.found_at, d.seen_at
FROM portal_duplicate d JOIN delivery v ON v.id = d.delivery_id
LEFT JOIN destination x ON x.kind = 'bitrix24' AND x.state <> 'deleted'
LEFT JOIN lane l ON l.destination_id = x.id AND l.key = 'delivery:' || d.delivery_id
LEFT JOIN remote_object r ON r.lane_id = l.id
WHERE d.over_at IS NULL ORDER BY d.found_at DESC, d.delivery_id LIMIT %(limit)s
