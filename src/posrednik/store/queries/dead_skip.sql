-- dead_skip: a person decides that a message is not sent any more; its lane goes on. in: lane_id, seq, reason, who
-- out: destination_id when it was skipped. Only a dead letter, or what is neither on the way nor in doubt.
-- Locks the lane.
WITH locked AS (
    SELECT l.id, l.state, d.kind, d.name, d.id AS destination_id, greatest(l.doubt_upto, l.sending_upto) AS fence
    FROM lane l JOIN destination d ON d.id = l.destination_id WHERE l.id = %(lane_id)s FOR UPDATE OF l
), gone AS (
    DELETE FROM message m USING locked k
    WHERE m.lane_id = k.id AND m.seq = %(seq)s AND (m.dead_at IS NOT NULL OR m.seq > k.fence)
    RETURNING m.lane_id, m.seq, m.event_id, m.order_ref, m.dead_at IS NULL OR k.kind <> 'onec' AS counted,
        m.dead_at IS NOT NULL AS was_dead, k.name, k.destination_id, k.kind
), lanes AS (
    UPDATE lane l SET depth = l.depth - g.counted::int,
        state = CASE WHEN l.depth = g.counted::int THEN 'idle'
                     WHEN l.state = 'dead' AND g.was_dead THEN 'ready' ELSE l.state END,
        due_at = CASE WHEN NOT g.head THEN l.due_at WHEN g.was_dead THEN greatest(l.due_at, clock_timestamp())
                      ELSE clock_timestamp() END,
        attempt = CASE WHEN g.head THEN 0 ELSE l.attempt END,
        why = CASE WHEN g.head THEN '' ELSE l.why END, why_text = CASE WHEN g.head THEN '' ELSE l.why_text END
    FROM (SELECT gone.*, counted AND NOT EXISTS (
              SELECT 1 FROM message m WHERE m.lane_id = gone.lane_id AND m.seq < gone.seq) AS head FROM gone) g
    WHERE l.id = g.lane_id
), told AS (
    INSERT INTO journal (kind, system, outcome, order_ref, event_id, code, summary)
    SELECT 'dispatch', g.name, 'skipped', g.order_ref, g.event_id, 'skipped',
        concat('пропущено по решению: ', %(who)s::text, '; причина: ', %(reason)s::text)
    FROM gone g
)
SELECT destination_id FROM gone
