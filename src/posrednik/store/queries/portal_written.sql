-- portal_written: what stands in a task is not known any more (written NULL), or known in another way. in: destination_id,
-- delivery_id, written (JSON text). Call it with the lane locked, or with a message put after it.
UPDATE remote_object r SET written = %(written)s::json FROM lane l
WHERE l.id = r.lane_id AND l.destination_id = %(destination_id)s AND l.key = 'delivery:' || %(delivery_id)s::uuid
