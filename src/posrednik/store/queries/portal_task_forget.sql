-- portal_task_forget: the task of a delivery is no more; the next message makes another. in: destination_id, delivery_id.
-- The lane stays; whatever it waits with looks for a task by its marker first.
WITH gone AS (
    DELETE FROM remote_object r USING lane l
    WHERE l.id = r.lane_id AND l.destination_id = %(destination_id)s AND l.key = 'delivery:' || %(delivery_id)s::uuid
    RETURNING r.remote_id
)
DELETE FROM portal_task p USING gone WHERE p.task_id::text = gone.remote_id
