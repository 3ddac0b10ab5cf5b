-- view_step_photos: pictures that the steps of a delivery name. in: delivery_id
-- out: source, sha256 (hex), action, courier_ref, at, arrived (the bytes are here)
SELECT s.source, encode(s.sha256, 'hex') AS sha256, s.action, s.courier_ref, s.at, p.sha256 IS NOT NULL AS arrived
FROM step_photo s LEFT JOIN photo p USING (sha256)
WHERE s.delivery_id = %(delivery_id)s ORDER BY s.at, s.source, s.sha256 LIMIT 1000
