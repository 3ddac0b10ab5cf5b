-- courier_event_original: the step that a correction is of. in: id, courier_ref
-- out: type, delivery_id, newest (no later step of this kind on the delivery: an earlier try is history)
SELECT o.type, o.delivery_id, NOT EXISTS (
    SELECT 1 FROM courier_event e WHERE e.delivery_id = o.delivery_id AND e.type = o.type AND e.state = 'accepted'
        AND e.delivery_version > o.delivery_version) AS newest
FROM courier_event o WHERE o.id = %(id)s AND o.courier_ref = %(courier_ref)s AND o.state = 'accepted'
