-- lanes_release: a graceful stop gives back what was claimed and not sent; it costs no attempt.
-- in: lane_ids, epochs (arrays)
UPDATE lane l SET state = 'ready', owner = NULL, leased_until = NULL, due_at = clock_timestamp(),
    sending_upto = 0
FROM unnest(%(lane_ids)b::bigint[], %(epochs)b::bigint[]) AS u (lane_id, epoch)
WHERE l.id = u.lane_id AND l.epoch = u.epoch AND l.state = 'leased'
