-- lags_to_site: from an event to its acceptance by a subscriber. in: arrays lane_ids, event_ids of what was accepted now
-- out: subject, at, seconds, division_ref, base_id, order_ref, what (its type)
SELECT e.id AS subject, clock_timestamp() AS at, e.division_ref, e.base_id, e.order_ref, e.type AS what,
    greatest(0, extract(epoch FROM clock_timestamp() - e.recorded_at))::float8 AS seconds
FROM unnest(%(lane_ids)b::bigint[], %(event_ids)b::uuid[]) AS u (lane_id, event_id)
JOIN lane l ON l.id = u.lane_id
JOIN destination d ON d.id = l.destination_id AND d.kind = 'site'
JOIN event e ON e.id = u.event_id AND NOT e.trial
