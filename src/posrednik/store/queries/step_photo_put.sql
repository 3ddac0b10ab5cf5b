-- step_photo_put: a step names pictures; naming one twice is once.
-- in: source, sha256s (array of bytes), delivery_id, action, courier_ref, at
INSERT INTO step_photo (source, sha256, delivery_id, action, courier_ref, at)
SELECT %(source)s, u.sha256, %(delivery_id)s, %(action)s, %(courier_ref)s, %(at)s FROM unnest(%(sha256s)b::bytea[]) AS u (sha256)
ON CONFLICT DO NOTHING
