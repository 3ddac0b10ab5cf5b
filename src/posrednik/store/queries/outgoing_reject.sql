-- outgoing_reject: 1C cannot apply this event and never will: a dead letter, passed by. in: base_id, event_id, code, why
WITH told AS (
    UPDATE outgoing SET state = 'rejected', answered_at = clock_timestamp()
    WHERE base_id = %(base_id)s AND event_id = %(event_id)s AND state = 'given'
    RETURNING lane_id, seq
), locked AS (
    SELECT l.id FROM lane l JOIN told t ON t.lane_id = l.id FOR UPDATE
), dead AS (
    UPDATE message m SET dead_at = clock_timestamp(), dead_code = %(code)s, dead_why = %(why)s
    FROM told t, locked k WHERE m.lane_id = t.lane_id AND m.seq = t.seq AND m.dead_at IS NULL AND k.id = m.lane_id
    RETURNING m.lane_id, m.seq
)
UPDATE lane l SET depth = l.depth - 1, state = CASE WHEN l.depth = 1 THEN 'idle' ELSE l.state END, attempt = 0,
    due_at = CASE WHEN EXISTS (SELECT 1 FROM message m WHERE m.lane_id = l.id AND m.dead_at IS NULL
                               AND m.seq <= l.sending_upto AND m.seq <> d.seq) THEN l.due_at
                  ELSE clock_timestamp() END
FROM dead d WHERE l.id = d.lane_id
