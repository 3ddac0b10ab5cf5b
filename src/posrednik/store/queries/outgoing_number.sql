-- outgoing_number: events given for the first time get the next numbers. in: base_id, batch, last_number; arrays numbers,
-- event_ids, lane_ids, seqs
WITH counted AS (
    UPDATE outgoing_counter SET last_number = %(last_number)s WHERE base_id = %(base_id)s
)
INSERT INTO outgoing (base_id, number, event_id, lane_id, seq, batch)
SELECT %(base_id)s, u.number, u.event_id, u.lane_id, u.seq, %(batch)s
FROM unnest(%(numbers)b::bigint[], %(event_ids)b::uuid[], %(lane_ids)b::bigint[], %(seqs)b::bigint[])
    AS u (number, event_id, lane_id, seq)
