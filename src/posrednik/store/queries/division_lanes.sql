-- division_lanes: lanes in which something of a division waits, by the newest of it. in: ref
-- out: lane_id, destination_id, kind, key, held, depth, trial, couriers (refs), member (of a pilot)
-- Answers to commands of 1C are no lanes of a division: they always go.
SELECT DISTINCT ON (l.destination_id, l.key) l.id AS lane_id, l.destination_id, d.kind, l.key, l.held, l.depth, e.trial,
    array_remove(ARRAY[e.data #>> '{delivery,courier,ref}', e.data #>> '{delivery,holder,ref}',
        e.data #>> '{delivery,handed_over_by,ref}', e.data ->> 'courier_ref'], NULL) AS couriers,
    p.delivery_id IS NOT NULL AS member
FROM message m
JOIN event e ON e.id = m.event_id
JOIN lane l ON l.id = m.lane_id
JOIN destination d ON d.id = l.destination_id
LEFT JOIN pilot_delivery p ON e.subject_kind = 'delivery' AND p.delivery_id::text = e.subject_id
WHERE e.division_ref = %(ref)s AND e.subject_kind <> 'command' AND d.state <> 'deleted' AND l.depth > 0
ORDER BY l.destination_id, l.key, m.seq DESC
