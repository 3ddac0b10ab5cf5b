-- lanes_rescue: give back lanes whose holder is gone: no heartbeat for %(dead_after_s)s, or the lease itself is over.
-- in: dead_after_s, limit; arrays kinds, limits_s: per kind of destination, the time after which a request that was sent
-- can no longer take effect
-- out: lane_id, destination_id, destination (name), key, attempt
-- What was claimed is in doubt, not to be retried: it is looked up first, and not before the destination's own time
-- limit has passed. The new epoch makes the late holder lose. Never by the age of a job. Skips locked rows.
WITH gone AS (
    SELECT l.id FROM lane l LEFT JOIN worker w ON w.id = l.owner
    WHERE l.state = 'leased' AND (w.id IS NULL
        OR w.beat_at < clock_timestamp() - make_interval(secs => %(dead_after_s)s)
        OR l.leased_until < clock_timestamp())
    ORDER BY l.leased_until LIMIT %(limit)s FOR UPDATE OF l SKIP LOCKED
)
UPDATE lane l SET state = 'ready', owner = NULL, leased_until = NULL, epoch = l.epoch + 1, attempt = l.attempt + 1,
    doubt_upto = greatest(l.doubt_upto, l.sending_upto),
    due_at = clock_timestamp() + make_interval(secs => coalesce(k.limit_s, 0)),
    why = 'in_doubt', why_text = 'обработчик остановился посреди отправки; сначала проверим, дошло ли'
FROM gone, destination d
    LEFT JOIN unnest(%(kinds)b::text[], %(limits_s)b::float8[]) AS k (kind, limit_s) ON k.kind = d.kind
WHERE l.id = gone.id AND d.id = l.destination_id
RETURNING l.id AS lane_id, l.destination_id, d.name AS destination, l.key, l.attempt
