-- messages_put: append messages to lanes that lanes_lock has locked.
-- in: lane_ids, seqs, event_ids, order_refs, states_of, methods, priorities, bodies (arrays, one element a message)
INSERT INTO message (lane_id, seq, event_id, order_ref, state_of, method, priority, body)
SELECT u.lane_id, u.seq, u.event_id, u.order_ref, u.state_of, u.method, u.priority, u.body::json
FROM unnest(%(lane_ids)b::bigint[], %(seqs)b::bigint[], %(event_ids)b::uuid[], %(order_refs)b::uuid[],
    %(states_of)b::text[], %(methods)b::text[], %(priorities)b::smallint[], %(bodies)b::text[])
    AS u (lane_id, seq, event_id, order_ref, state_of, method, priority, body)
