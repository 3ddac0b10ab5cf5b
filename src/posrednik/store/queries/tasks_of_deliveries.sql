-- tasks_of_deliveries: tasks of deliveries at one portal; one without a task yet is left out. in: destination_id, keys
-- (of the lanes of tasks). out: key, remote_id
SELECT l.key, r.remote_id FROM lane l JOIN remote_object r ON r.lane_id = l.id
WHERE l.destination_id = %(destination_id)s AND l.key = ANY(%(keys)b::text[])
