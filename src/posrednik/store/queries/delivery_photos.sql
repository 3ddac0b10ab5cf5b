-- delivery_photos: photos that steps of these deliveries name. in: delivery_ids. out: delivery_id, sha256, action, at
SELECT delivery_id, sha256, action, at FROM step_photo WHERE delivery_id = ANY(%(delivery_ids)s) ORDER BY at
