-- portal_rewrite: the newest event of deliveries that have a task, to write it from. in: delivery_ids
-- out: delivery_id, destination_id, key, order_ref, base_id, type, version, division_ref, trial, occurred_at, data (text)
SELECT v.id AS delivery_id, l.destination_id, l.key, v.order_ref, v.base_id, e.type, e.version, e.division_ref, e.trial,
    e.occurred_at, e.data::text AS data
FROM unnest(%(delivery_ids)b::uuid[]) AS u (id)
JOIN delivery v ON v.id = u.id
JOIN event e ON e.subject_kind = 'delivery' AND e.subject_id = v.id::text AND e.version = v.version
JOIN destination d ON d.kind = 'bitrix24' AND d.state <> 'deleted'
JOIN lane l ON l.destination_id = d.id AND l.key = 'delivery:' || v.id AND l.last_seq > 0 AND NOT l.held
ORDER BY v.id
