-- courier_event_add: what a phone recorded, and what became of it
INSERT INTO courier_event (id, courier_ref, device, seq, type, delivery_id, order_ref, division_ref, shift_id, at_device,
    clock_offset_ms, occurred_at, latitude, longitude, accuracy_m, geo_error, rules_version, body_hash, body, received_at, state, code,
    message, incident_id, delivery_version, flags)
VALUES (%(id)s, %(courier_ref)s, %(device)s, %(seq)s, %(type)s, %(delivery_id)s, %(order_ref)s, %(division_ref)s,
    %(shift_id)s, %(at_device)s, %(clock_offset_ms)s, %(occurred_at)s, %(latitude)s, %(longitude)s, %(accuracy_m)s,
    %(geo_error)s, %(rules_version)s, %(body_hash)s, %(body)s, %(received_at)s, %(state)s, %(code)s, %(message)s, %(incident_id)s,
    %(delivery_version)s, %(flags)s)
