-- messages_supersede: drop unsent older state of the same thing in favour of the message just put, and journal it.
-- in: lane_ids, seqs (of the new state), fences (nothing up to it is touched: it may be there already), states_of
-- A lane that stood because such a state was dead goes on. Runs under the locks of lanes_lock.
WITH new AS (
    SELECT * FROM unnest(%(lane_ids)b::bigint[], %(seqs)b::bigint[], %(fences)b::bigint[], %(states_of)b::text[])
        AS u (lane_id, seq, fence, state_of)
), gone AS (
    DELETE FROM message m USING new
    WHERE m.lane_id = new.lane_id AND m.seq < new.seq AND m.seq > new.fence AND m.state_of = new.state_of
    RETURNING m.lane_id, m.seq, m.event_id, m.order_ref, m.dead_at, m.method, m.state_of, new.seq AS by_seq
), lanes AS (
    UPDATE lane l SET depth = l.depth - g.n,
        state = CASE WHEN l.state = 'dead' AND g.dead THEN 'ready' ELSE l.state END,
        due_at = CASE WHEN g.head_gone THEN clock_timestamp() ELSE l.due_at END,
        attempt = CASE WHEN g.head_gone THEN 0 ELSE l.attempt END,
        why = CASE WHEN g.head_gone THEN '' ELSE l.why END,
        why_text = CASE WHEN g.head_gone THEN '' ELSE l.why_text END
    FROM (SELECT lane_id, count(*)::int AS n, bool_or(dead_at IS NOT NULL) AS dead,
              NOT EXISTS (SELECT 1 FROM message m WHERE m.lane_id = gone.lane_id AND m.seq < min(gone.seq)) AS head_gone
          FROM gone GROUP BY lane_id) g
    WHERE l.id = g.lane_id
    RETURNING l.id, l.destination_id
)
INSERT INTO journal (kind, system, outcome, order_ref, event_id, code, summary, detail)
SELECT 'dispatch', d.name, 'superseded', g.order_ref, g.event_id, 'superseded',
    'заменено более новым состоянием № ' || g.by_seq,
    CASE WHEN g.state_of <> 'task' THEN json_build_object('method', g.method) END
FROM gone g JOIN lanes l ON l.id = g.lane_id JOIN destination d ON d.id = l.destination_id
