-- step_photo_naming: accepted steps of couriers that name a picture. in: sha256 (bytes)
-- out: source, at, courier_ref, delivery_id, order_number, order_ref, division_ref, base_id
SELECT s.source, s.at, s.courier_ref, s.delivery_id, d.order_number, d.order_ref, d.division_ref, d.base_id
FROM step_photo s JOIN courier_event e ON e.id = s.source JOIN delivery d ON d.id = s.delivery_id
WHERE s.sha256 = %(sha256)s AND e.state = 'accepted' ORDER BY s.at, s.source LIMIT 100
