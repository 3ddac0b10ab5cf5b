-- portal_lane_lock: the lane of a task, locked. in: lane_id. out: depth, last_seq, epoch, state, destination_id, remote_id
SELECT l.depth, l.last_seq, l.epoch, l.state, l.destination_id, r.remote_id
FROM lane l JOIN remote_object r ON r.lane_id = l.id WHERE l.id = %(lane_id)s FOR UPDATE OF l
