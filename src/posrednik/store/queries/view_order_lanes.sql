-- view_order_lanes: what waits for the systems, and what they have. in: keys (lane keys). out: lane_id, destination, kind,
-- key, depth, state, why, why_text, due_at, remote_id, last_at (of the last attempt that ended well)
SELECT l.id AS lane_id, d.name AS destination, d.kind, l.key, l.depth, w.state, w.why, w.why_text, w.due_at, r.remote_id
FROM lane l JOIN destination d ON d.id = l.destination_id
LEFT JOIN lane_wait w ON w.lane_id = l.id
LEFT JOIN remote_object r ON r.lane_id = l.id
WHERE l.key = ANY(%(keys)b::text[]) AND d.state <> 'deleted' ORDER BY d.id, l.key
