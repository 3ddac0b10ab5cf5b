-- outgoing_find: events of these ids that were given to a base. in: base_id, event_ids. out: event_id, lane_id, seq, number, order_ref
SELECT o.event_id, o.lane_id, o.seq, o.number, o.state, e.order_ref
FROM outgoing o JOIN event e ON e.id = o.event_id
WHERE o.base_id = %(base_id)s AND o.event_id = ANY(%(event_ids)b::uuid[])
