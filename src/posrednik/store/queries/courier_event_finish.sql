-- courier_event_finish: a parked step is taken or refused now; only now is it known whose delivery a correction is about
-- in: id, delivery_id, state, code, message, incident_id, delivery_version, order_ref, division_ref, shift_id, flags
UPDATE courier_event SET state = %(state)s, code = %(code)s, message = %(message)s, incident_id = %(incident_id)s,
    delivery_id = coalesce(%(delivery_id)s, delivery_id), delivery_version = %(delivery_version)s, order_ref = %(order_ref)s, division_ref = %(division_ref)s,
    shift_id = %(shift_id)s, flags = %(flags)s
WHERE id = %(id)s
