-- courier_steps_around: what a courier did in a span of time, with the addresses, to weigh a step's evidence
-- in: courier_ref, from, to. out: id, type, delivery_id, occurred_at, latitude, longitude, accuracy_m, address (json text)
SELECT e.id, e.type, e.delivery_id, e.occurred_at, e.latitude, e.longitude, e.accuracy_m,
    d.order_number, (d.doc -> 'address')::text AS address
FROM courier_event e JOIN delivery d ON d.id = e.delivery_id
WHERE e.courier_ref = %(courier_ref)s AND e.occurred_at BETWEEN %(from)s AND %(to)s AND e.state = 'accepted'
ORDER BY e.occurred_at, e.seq LIMIT 2000
