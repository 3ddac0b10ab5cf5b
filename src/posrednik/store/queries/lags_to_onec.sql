-- lags_to_onec: from an event to its acceptance by 1C; asked under outgoing_lock before outgoing_accept, which makes each
-- accepted once. in: base_id, event_ids. out: subject, at, seconds, division_ref, base_id, order_ref, what (its type)
SELECT e.id AS subject, clock_timestamp() AS at, e.division_ref, e.base_id, e.order_ref, e.type AS what,
    greatest(0, extract(epoch FROM clock_timestamp() - e.recorded_at))::float8 AS seconds
FROM outgoing o
JOIN event e ON e.id = o.event_id AND NOT e.trial AND e.subject_kind IN ('delivery', 'sale', 'backpack', 'cash')
WHERE o.base_id = %(base_id)s AND o.event_id = ANY(%(event_ids)b::uuid[]) AND o.state <> 'accepted'
