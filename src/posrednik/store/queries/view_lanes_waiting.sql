-- view_lanes_waiting: lanes that are not empty, oldest head first, and why each waits. in: destination (name or null), limit
-- out: the columns of lane_wait, and order_number
SELECT w.*, coalesce(m.data ->> 'number', '') AS order_number
FROM lane_wait w
LEFT JOIN LATERAL (
    SELECT data FROM mirror WHERE kind = 'order' AND ref = w.order_ref::text LIMIT 1) m ON true
WHERE %(destination)s::text IS NULL OR w.destination = %(destination)s
ORDER BY w.since LIMIT %(limit)s
