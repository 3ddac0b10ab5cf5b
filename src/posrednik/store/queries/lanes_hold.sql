-- lanes_hold: hold lanes, or let them go on. in: lane_ids, held. out: destination_id of those that changed
-- What is on its way now ends as it ends; the lane then stays. Locks lanes in the order of destination and key.
WITH locked AS (
    SELECT id FROM lane WHERE id = ANY(%(lane_ids)b::bigint[]) AND held <> %(held)s AND depth > 0
    ORDER BY destination_id, key FOR UPDATE
)
UPDATE lane l SET held = %(held)s FROM locked k WHERE l.id = k.id RETURNING l.destination_id
