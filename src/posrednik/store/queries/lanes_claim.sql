-- lanes_claim: lease up to %(lanes)s due lanes of one destination, each with its first %(per_lane)s messages.
-- in: destination_id, lanes, bulk_first, per_lane, lease_s (seconds), owner (a live worker), probe (this worker took
-- the breaker's probe)
-- out: lane_id, epoch, attempt, doubt_upto, key, seq, event_id, order_ref, method, body (text), remote_id, written
-- What a person waits for (priority 0) goes before bulk (1); `bulk_first` turns that round now and then, so that
-- bulk never starves. A destination that is paused or whose breaker is not closed gives nothing, and costs nothing.
-- The commit of this is the record of intent: sending_upto is durable before the first byte leaves.
-- Locks the rows it takes, skips locked ones. Commit before calling the other side.
WITH open AS (
    SELECT id FROM destination WHERE id = %(destination_id)s AND state = 'open'
        AND breaker = CASE WHEN %(probe)s THEN 'half_open' ELSE 'closed' END
), first AS (
    SELECT l.id FROM lane l JOIN open o ON o.id = l.destination_id
    WHERE l.destination_id = %(destination_id)s AND l.state = 'ready' AND l.due_at <= clock_timestamp()
        AND l.priority = %(bulk_first)s::int
    ORDER BY l.due_at LIMIT %(lanes)s FOR UPDATE OF l SKIP LOCKED
), second AS (
    SELECT l.id FROM lane l JOIN open o ON o.id = l.destination_id
    WHERE l.destination_id = %(destination_id)s AND l.state = 'ready' AND l.due_at <= clock_timestamp()
        AND l.priority = 1 - %(bulk_first)s::int
    ORDER BY l.due_at LIMIT %(lanes)s - (SELECT count(*) FROM first) FOR UPDATE OF l SKIP LOCKED
), mine AS (
    SELECT id FROM first UNION ALL SELECT id FROM second
), taken AS (
    UPDATE lane l SET state = 'leased', owner = %(owner)s, epoch = l.epoch + 1,
        leased_until = clock_timestamp() + make_interval(secs => %(lease_s)s),
        sending_upto = coalesce(h.upto, 0), why = '', why_text = ''
    FROM mine CROSS JOIN LATERAL (
        SELECT max(seq) AS upto FROM (
            SELECT m.seq FROM message m WHERE m.lane_id = mine.id AND m.dead_at IS NULL
            ORDER BY m.seq LIMIT %(per_lane)s) heads
    ) h
    WHERE l.id = mine.id
    RETURNING l.id, l.epoch, l.attempt, l.doubt_upto, l.key, l.sending_upto
)
SELECT t.id AS lane_id, t.epoch, t.attempt, t.doubt_upto, t.key, m.seq, m.event_id, m.order_ref, m.method,
    m.body::text AS body, r.remote_id, r.written::text AS written
FROM taken t
JOIN message m ON m.lane_id = t.id AND m.seq <= t.sending_upto AND m.dead_at IS NULL
LEFT JOIN remote_object r ON r.lane_id = t.id
ORDER BY t.id, m.seq
