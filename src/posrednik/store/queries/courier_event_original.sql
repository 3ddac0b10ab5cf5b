-- courier_event_original: the step that a correction is of. in: id, courier_ref. out: type, delivery_id, delivery_version
SELECT type, delivery_id, delivery_version FROM courier_event
WHERE id = %(id)s AND courier_ref = %(courier_ref)s AND state = 'accepted'
