-- view_lanes_waiting: lanes that are not empty, oldest head first, and why each waits. in (null = any): destination (name),
-- why (code), q (number of an order, or key of a lane), uuid (an order, a delivery); limit
-- out: the columns of lane_wait, and order_number
SELECT w.*, e.data #>> '{delivery,order,number}' AS order_number
FROM lane_wait w LEFT JOIN event e ON e.id = w.event_id
WHERE (%(destination)s::text IS NULL OR w.destination = %(destination)s)
    AND (%(why)s::text IS NULL OR w.why = %(why)s)
    AND (%(q)s::text IS NULL OR w.key = %(q)s OR w.order_ref = %(uuid)s::uuid OR w.key = 'delivery:' || %(uuid)s::text
        OR w.order_ref IN (SELECT d.order_ref FROM delivery d WHERE d.order_number = %(q)s))
ORDER BY w.since LIMIT %(limit)s
