-- dead_replay: send dead letters again, in the order of their lanes. in: arrays lane_ids, seqs; priority (of the replay),
-- who (made it, or empty). out: lane_id, seq, destination_id of those replayed; what was no longer dead is missing.
-- A lane that is pushed stood at its dead head and goes on from it: what was in doubt stays in doubt and is looked up,
-- not before the time limit of its destination, which is the due time that its death left.
-- A base that pulls had passed its dead letter by: it gets its place in the depth back and is given again under its
-- number; what was given already and is not acknowledged keeps its lease.
-- Locks lanes in the order of destination and key, as lanes_lock does.
WITH wanted AS (
    SELECT * FROM unnest(%(lane_ids)b::bigint[], %(seqs)b::bigint[]) AS u (lane_id, seq)
), locked AS (
    SELECT l.id, d.kind, d.id AS destination_id, d.name FROM lane l JOIN destination d ON d.id = l.destination_id
    WHERE l.id IN (SELECT lane_id FROM wanted) ORDER BY l.destination_id, l.key FOR UPDATE OF l
), old AS (
    SELECT m.lane_id, m.seq, m.dead_code, m.dead_why, k.kind, k.destination_id, k.name
    FROM locked k JOIN wanted w ON w.lane_id = k.id
    JOIN message m ON m.lane_id = w.lane_id AND m.seq = w.seq
    FOR UPDATE OF m
), alive AS (
    UPDATE message m SET dead_at = NULL, dead_code = NULL, dead_why = NULL, priority = %(priority)s
    FROM old o WHERE m.lane_id = o.lane_id AND m.seq = o.seq AND m.dead_at IS NOT NULL
    RETURNING m.lane_id, m.seq, m.event_id, m.order_ref, o.dead_code, o.dead_why, o.kind, o.destination_id, o.name
), lanes AS (
    UPDATE lane l SET state = 'ready', attempt = 0, why = '', why_text = '',
        depth = l.depth + CASE WHEN a.kind = 'onec' THEN a.n ELSE 0 END,
        priority = CASE WHEN l.depth <= 1 OR l.state = 'dead' THEN %(priority)s ELSE least(l.priority, %(priority)s) END,
        due_at = CASE WHEN l.state = 'ready' THEN l.due_at ELSE greatest(l.due_at, clock_timestamp()) END
    FROM (SELECT lane_id, kind, count(*)::int AS n FROM alive GROUP BY lane_id, kind) a
    WHERE l.id = a.lane_id
), given AS (
    UPDATE outgoing o SET state = 'given', answered_at = NULL FROM alive a
    WHERE a.kind = 'onec' AND o.lane_id = a.lane_id AND o.seq = a.seq AND o.event_id = a.event_id AND o.state = 'rejected'
), told AS (
    INSERT INTO journal (kind, system, outcome, order_ref, event_id, code, summary)
    SELECT 'dispatch', a.name, 'replayed', a.order_ref, a.event_id, a.dead_code,
        concat('отправляем заново', nullif(' — ' || %(who)s::text, ' — '), ': ', a.dead_why)
    FROM alive a
)
SELECT lane_id, seq, destination_id FROM alive
