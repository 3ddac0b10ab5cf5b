-- lanes_rescue: give back lanes whose holder is gone: no heartbeat for %(dead_after_s)s, or the lease itself is over.
-- in: me (the worker that asks, or null), dead_after_s, limit; arrays kinds, limits_s: per kind of destination, the time
-- after which a request that was sent can no longer take effect (60 s for a kind that is not named)
-- out: lane_id, destination_id, destination (name), key, attempt
-- What was claimed is in doubt, not to be retried: it is looked up first, and not before the destination's own time
-- limit has passed. The new epoch makes the late holder lose. Never by the age of a job.
-- After an outage of the database everybody looks dead: who has a gap in his own beats first waits for the others'.
-- If it held the probe of an open breaker, others may probe at once instead of waiting for an answer nobody will get.
-- Skips locked rows; the destination after its lanes, which blocks nobody: who takes a probe skips locked lanes.
WITH gone AS (
    SELECT l.id FROM lane l LEFT JOIN worker w ON w.id = l.owner
    WHERE l.state = 'leased' AND (w.id IS NULL
        OR w.beat_at < clock_timestamp() - make_interval(secs => %(dead_after_s)s)
        OR l.leased_until < clock_timestamp())
        AND (%(me)s::uuid IS NULL OR EXISTS (
            SELECT 1 FROM worker me WHERE me.id = %(me)s
                AND me.steady_since < clock_timestamp() - make_interval(secs => %(dead_after_s)s)
                AND me.beat_at > clock_timestamp() - make_interval(secs => %(dead_after_s)s)))
    ORDER BY l.leased_until LIMIT %(limit)s FOR UPDATE OF l SKIP LOCKED
), rescued AS (
    UPDATE lane l SET state = 'ready', owner = NULL, leased_until = NULL, epoch = l.epoch + 1, attempt = l.attempt + 1,
        doubt_upto = greatest(l.doubt_upto, l.sending_upto), sending_upto = 0,
        due_at = clock_timestamp() + make_interval(secs => coalesce(k.limit_s, 60)),
        why = 'in_doubt', why_text = 'обработчик остановился посреди отправки; сначала проверим, дошло ли'
    FROM gone, destination d
        LEFT JOIN unnest(%(kinds)b::text[], %(limits_s)b::float8[]) AS k (kind, limit_s) ON k.kind = d.kind
    WHERE l.id = gone.id AND d.id = l.destination_id
    RETURNING l.id AS lane_id, l.destination_id, d.name AS destination, l.key, l.attempt, l.why_text
), probes AS (
    UPDATE destination d SET breaker_until = clock_timestamp()
    WHERE d.breaker = 'half_open' AND d.id IN (SELECT destination_id FROM rescued)
), told AS (
    INSERT INTO journal (kind, system, outcome, order_ref, event_id, attempt, code, summary, detail)
    SELECT 'dispatch', r.destination, 'rescued', m.order_ref, m.event_id, r.attempt, 'in_doubt', r.why_text,
        CASE WHEN m.method NOT IN ('task.put', 'event', 'webhook') THEN json_build_object('method', m.method) END
    FROM rescued r CROSS JOIN LATERAL (
        SELECT order_ref, event_id, method FROM message WHERE lane_id = r.lane_id AND dead_at IS NULL ORDER BY seq LIMIT 1) m
)
SELECT lane_id, destination_id, destination, key, attempt FROM rescued
