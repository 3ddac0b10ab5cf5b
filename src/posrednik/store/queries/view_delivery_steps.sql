-- view_delivery_steps: what phones recorded of a delivery, in the order it happened. in: delivery_id
-- out: id, type, courier_ref, at_device, occurred_at, received_at, latitude, longitude, accuracy_m, geo_error, state,
-- code, message, flags (JSON text)
SELECT id, type, courier_ref, at_device, occurred_at, received_at, latitude, longitude, accuracy_m, geo_error, state,
    code, message, flags::text AS flags
FROM courier_event WHERE delivery_id = %(delivery_id)s ORDER BY occurred_at, seq LIMIT 500
