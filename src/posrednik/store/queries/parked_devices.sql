-- parked_devices: phones with a step that has waited for an earlier one since before that time. in: before, limit
-- out: courier_ref, device
SELECT courier_ref, device FROM courier_event WHERE state = 'parked' AND received_at < %(before)s
GROUP BY courier_ref, device ORDER BY min(received_at) LIMIT %(limit)s
