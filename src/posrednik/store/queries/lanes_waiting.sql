-- lanes_waiting: lanes that are not empty and why each waits, the longest waiting first. in: destination (name or null), limit
-- out: the columns of the view lane_wait
SELECT * FROM lane_wait WHERE %(destination)s::text IS NULL OR destination = %(destination)s
ORDER BY since, lane_id LIMIT %(limit)s
