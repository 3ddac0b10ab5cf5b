-- lane_send_now: a person does not want to wait for the next try of a lane. in: lane_id, who
-- out: destination_id; nothing when it may not be hastened: on the way, given to 1C, stopped, held, or to be looked up
-- first, which must wait for the time limit of its destination. Locks the lane.
WITH locked AS (
    SELECT l.id, l.destination_id, d.name, h.event_id, h.order_ref
    FROM lane l JOIN destination d ON d.id = l.destination_id
    CROSS JOIN LATERAL (
        SELECT m.seq, m.event_id, m.order_ref FROM message m WHERE m.lane_id = l.id AND m.dead_at IS NULL
        ORDER BY m.seq LIMIT 1) h
    WHERE l.id = %(lane_id)s AND l.state = 'ready' AND NOT l.held AND l.why <> 'given' AND h.seq > l.doubt_upto
    FOR UPDATE OF l
), due AS (
    UPDATE lane l SET due_at = least(l.due_at, clock_timestamp()) FROM locked k WHERE l.id = k.id
), told AS (
    INSERT INTO journal (kind, system, outcome, order_ref, event_id, code, summary)
    SELECT 'dispatch', k.name, 'hastened', k.order_ref, k.event_id, 'send_now', concat('отправить сейчас: ', %(who)s::text)
    FROM locked k
)
SELECT destination_id FROM locked
