-- courier_event_find: one by its id, or the one that has this number of the phone. in: id, courier_ref, device, seq
-- out: id, courier_ref, body_hash, state, code, message, incident_id
SELECT id, courier_ref, body_hash, state, code, message, incident_id FROM courier_event
WHERE id = %(id)s OR (courier_ref = %(courier_ref)s AND device = %(device)s AND seq = %(seq)s)
ORDER BY id = %(id)s DESC LIMIT 1
