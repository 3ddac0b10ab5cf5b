-- remote_objects_put: what the destination called our object, and what was last written there.
-- in: arrays lane_ids, remote_ids, writtens (JSON text or null), sorted by lane. out: lane_id, made (it had none before)
INSERT INTO remote_object (lane_id, remote_id, written)
SELECT u.lane_id, u.remote_id, u.written::json
FROM unnest(%(lane_ids)b::bigint[], %(remote_ids)b::text[], %(writtens)b::text[]) AS u (lane_id, remote_id, written)
ORDER BY u.lane_id
ON CONFLICT (lane_id) DO UPDATE SET remote_id = excluded.remote_id, written = excluded.written
RETURNING lane_id, xmax = 0 AS made
