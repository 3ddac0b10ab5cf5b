-- lanes_lock: take (make, if new) the lanes that get messages, and number the messages inside the lock.
-- in: destination_ids, keys, counts, priorities (arrays, one element a lane, sorted by destination and key).
-- out: destination_id, key, lane_id, last_seq (number of the lane's last new message), fence (messages up to it are
-- on the way or in doubt and may not be superseded)
-- A lane that was held goes on: what is put now is sent, and what waits in front of it goes first.
-- Locks each lane row until the commit: that makes the order of numbers the order of commits. Always in the order
-- (destination, key), so that two producers never wait for each other in a circle.
INSERT INTO lane AS l (destination_id, key, state, priority, depth, last_seq)
SELECT u.destination_id, u.key, 'ready', u.priority, u.n, u.n
FROM unnest(%(destination_ids)b::int[], %(keys)b::text[], %(counts)b::int[], %(priorities)b::smallint[])
    AS u (destination_id, key, n, priority)
ORDER BY u.destination_id, u.key COLLATE "C"
ON CONFLICT (destination_id, key) DO UPDATE SET
    last_seq = l.last_seq + excluded.last_seq,
    depth = l.depth + excluded.depth,
    priority = CASE WHEN l.depth = 0 THEN excluded.priority ELSE least(l.priority, excluded.priority) END,
    state = CASE WHEN l.state = 'idle' THEN 'ready' ELSE l.state END,
    due_at = CASE WHEN l.state = 'idle' THEN clock_timestamp() ELSE l.due_at END,
    held = false
RETURNING l.destination_id, l.key, l.id AS lane_id, l.last_seq, greatest(l.doubt_upto, l.sending_upto) AS fence
