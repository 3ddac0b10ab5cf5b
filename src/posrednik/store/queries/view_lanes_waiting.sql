-- view_lanes_waiting: lanes that are not empty, oldest head first, and why each waits. in: destination (name or null), limit
-- out: the columns of lane_wait, and order_number
SELECT w.*, e.data #>> '{delivery,order,number}' AS order_number
FROM lane_wait w LEFT JOIN event e ON e.id = w.event_id
WHERE %(destination)s::text IS NULL OR w.destination = %(destination)s
ORDER BY w.since LIMIT %(limit)s
