-- outgoing_claim: lease the next events of a base, lane by lane in order, what a person waits for first.
-- in: base_id, destination_id, limit, lease_s. out: lane_id, seq, event_id, number (null = never given), order_ref, attempt
-- A pulled lane stays `ready`: its due time is the end of the lease, so what is not acknowledged comes again by itself.
-- Runs under outgoing_lock; locks the lanes it takes, skips locked ones. statement_timestamp(): see lanes_claim.
WITH urgent AS (
    SELECT id, priority, due_at FROM lane
    WHERE destination_id = %(destination_id)s AND state = 'ready' AND NOT held AND priority = 0 AND due_at <= statement_timestamp()
    ORDER BY due_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED
), bulk AS (
    SELECT id, priority, due_at FROM lane
    WHERE destination_id = %(destination_id)s AND state = 'ready' AND NOT held AND priority = 1 AND due_at <= statement_timestamp()
    ORDER BY due_at LIMIT %(limit)s - (SELECT count(*) FROM urgent) FOR UPDATE SKIP LOCKED
), due AS (
    SELECT * FROM urgent UNION ALL SELECT * FROM bulk
), heads AS (
    SELECT d.id AS lane_id, m.seq, m.event_id, m.order_ref,
        row_number() OVER (ORDER BY d.priority, d.due_at, d.id, m.seq) AS n
    FROM due d CROSS JOIN LATERAL (
        SELECT seq, event_id, order_ref FROM message
        WHERE lane_id = d.id AND dead_at IS NULL ORDER BY seq LIMIT %(limit)s) m
), given AS (
    SELECT * FROM heads WHERE n <= %(limit)s
), leased AS (
    UPDATE lane l SET due_at = clock_timestamp() + make_interval(secs => %(lease_s)s), sending_upto = g.upto,
        attempt = l.attempt + 1, why = 'given', why_text = 'передано в 1С, ждём подтверждения'
    FROM (SELECT lane_id, max(seq) AS upto FROM given GROUP BY lane_id) g
    WHERE l.id = g.lane_id
    RETURNING l.id, l.attempt
)
SELECT g.lane_id, g.seq, g.event_id, o.number, g.order_ref, l.attempt
FROM given g JOIN leased l ON l.id = g.lane_id
LEFT JOIN outgoing o ON o.base_id = %(base_id)s AND o.event_id = g.event_id
ORDER BY g.n
