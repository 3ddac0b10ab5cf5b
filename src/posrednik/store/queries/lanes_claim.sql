-- lanes_claim: lease due lanes of one destination, each with its first %(per_lane)s messages.
-- in: destination_id, lanes (at most), bulk (at most so many of them with bulk priority), bulk_first, per_lane,
-- lease_s (seconds), owner (a live worker), probe (this worker took the breaker's probe)
-- out: lane_id, epoch, attempt, doubt_upto, key, urgent, seq, event_id, order_ref, method, body (text), remote_id, written;
-- in the order in which they should be sent
-- What a person waits for (priority 0) goes before bulk (1). `bulk_first` turns that round for a few lanes now and then,
-- so that bulk never starves. A destination that is paused or whose breaker is not closed gives nothing, and costs nothing.
-- The commit of this is the record of intent: sending_upto is durable before the first byte leaves.
-- statement_timestamp() and not clock_timestamp(): only a stable function bounds the index scan, so that lanes in
-- back-off are never read. Locks the rows it takes, skips locked ones. Commit before calling the other side.
WITH open AS (
    SELECT count(*) = 1 AS yes FROM destination WHERE id = %(destination_id)s AND state = 'open'
        AND breaker = CASE WHEN %(probe)s THEN 'half_open' ELSE 'closed' END
), first AS (
    SELECT l.id FROM lane l
    WHERE l.destination_id = %(destination_id)s AND l.state = 'ready' AND NOT l.held AND l.due_at <= statement_timestamp()
        AND l.priority = %(bulk_first)s::int AND (SELECT yes FROM open)
    ORDER BY l.due_at LIMIT CASE WHEN %(bulk_first)s THEN (%(bulk)s + 3) / 4 ELSE %(lanes)s END
    FOR UPDATE OF l SKIP LOCKED
), second AS (
    SELECT l.id FROM lane l
    WHERE l.destination_id = %(destination_id)s AND l.state = 'ready' AND NOT l.held AND l.due_at <= statement_timestamp()
        AND l.priority = 1 - %(bulk_first)s::int AND (SELECT yes FROM open)
    ORDER BY l.due_at
    LIMIT least(%(lanes)s - (SELECT count(*) FROM first), CASE WHEN %(bulk_first)s THEN %(lanes)s ELSE %(bulk)s END)
    FOR UPDATE OF l SKIP LOCKED
), mine AS (
    SELECT id, 0 AS turn FROM first UNION ALL SELECT id, 1 FROM second
), taken AS (
    UPDATE lane l SET state = 'leased', owner = %(owner)s, epoch = l.epoch + 1,
        leased_until = clock_timestamp() + make_interval(secs => %(lease_s)s),
        sending_upto = h.upto, why = '', why_text = ''
    FROM mine CROSS JOIN LATERAL (
        SELECT max(seq) AS upto FROM (
            SELECT m.seq FROM message m WHERE m.lane_id = mine.id AND m.dead_at IS NULL
            ORDER BY m.seq LIMIT %(per_lane)s) heads
    ) h
    WHERE l.id = mine.id
    RETURNING l.id, l.epoch, l.attempt, l.doubt_upto, l.key, l.sending_upto, l.due_at, mine.turn,
        l.priority = 0 OR mine.turn = 0 AS urgent
)
SELECT t.id AS lane_id, t.epoch, t.attempt, t.doubt_upto, t.key, t.urgent, m.seq, m.event_id, m.order_ref, m.method,
    m.body::text AS body, r.remote_id, r.written::text AS written
FROM taken t
JOIN message m ON m.lane_id = t.id AND m.seq <= t.sending_upto AND m.dead_at IS NULL
LEFT JOIN remote_object r ON r.lane_id = t.id
ORDER BY t.turn, t.due_at, t.id, m.seq
