-- dead_count: how many dead letters a filter has. in: as dead_letters. out: n, at (the database's time)
SELECT count(*) AS n, clock_timestamp() AS at
FROM message m JOIN lane l ON l.id = m.lane_id JOIN destination d ON d.id = l.destination_id
WHERE m.dead_at IS NOT NULL AND d.state <> 'deleted'
    AND (%(destination)s::text IS NULL OR d.name = %(destination)s)
    AND (%(code)s::text IS NULL OR m.dead_code = %(code)s)
    AND (%(since)s::timestamptz IS NULL OR m.dead_at >= %(since)s)
    AND (%(lane_id)s::bigint IS NULL OR m.lane_id = %(lane_id)s)
    AND (%(seq)s::bigint IS NULL OR m.seq = %(seq)s)
    AND (%(order_ref)s::uuid IS NULL OR m.order_ref = %(order_ref)s)
    AND (%(order_number)s::text IS NULL
        OR m.order_ref IN (SELECT o.order_ref FROM delivery o WHERE o.order_number = %(order_number)s))
