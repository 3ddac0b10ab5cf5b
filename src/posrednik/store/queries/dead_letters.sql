-- dead_letters: messages that a person must decide about, oldest first. in: the filter (each may be null): destination
-- (name), code, since, lane_id, seq, order_ref, order_number; before (died before), limit
-- out: lane_id, seq, destination, kind, key, event_id, order_ref, order_number (or null), method, made_at, dead_at,
-- dead_code, dead_why, attempt
SELECT m.lane_id, m.seq, d.name AS destination, d.kind, l.key, m.event_id, m.order_ref, m.method, m.made_at, m.dead_at,
    m.dead_code, m.dead_why, l.attempt, e.data #>> '{delivery,order,number}' AS order_number
FROM message m JOIN lane l ON l.id = m.lane_id JOIN destination d ON d.id = l.destination_id
LEFT JOIN event e ON e.id = m.event_id
WHERE m.dead_at IS NOT NULL AND d.state <> 'deleted'
    AND (%(destination)s::text IS NULL OR d.name = %(destination)s)
    AND (%(code)s::text IS NULL OR m.dead_code = %(code)s)
    AND (%(since)s::timestamptz IS NULL OR m.dead_at >= %(since)s)
    AND (%(before)s::timestamptz IS NULL OR m.dead_at <= %(before)s)
    AND (%(lane_id)s::bigint IS NULL OR m.lane_id = %(lane_id)s)
    AND (%(seq)s::bigint IS NULL OR m.seq = %(seq)s)
    AND (%(order_ref)s::uuid IS NULL OR m.order_ref = %(order_ref)s)
    AND (%(order_number)s::text IS NULL
        OR m.order_ref IN (SELECT o.order_ref FROM delivery o WHERE o.order_number = %(order_number)s))
ORDER BY m.dead_at, m.lane_id, m.seq LIMIT %(limit)s
