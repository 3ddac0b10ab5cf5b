-- portal_health_note: whether the portal lets us in. in: destination_id, ok_at, stopped_at (null = it does), code, why
-- Whoever was told last is right: a worker that has not called since knows less.
INSERT INTO portal_health AS h (destination_id, ok_at, stopped_at, code, why)
VALUES (%(destination_id)s, %(ok_at)s, %(stopped_at)s, %(code)s, %(why)s)
ON CONFLICT (destination_id) DO UPDATE SET ok_at = greatest(h.ok_at, excluded.ok_at),
    stopped_at = CASE WHEN excluded.stopped_at IS NULL THEN NULL ELSE coalesce(h.stopped_at, excluded.stopped_at) END,
    code = excluded.code, why = excluded.why
WHERE CASE WHEN excluded.stopped_at IS NULL THEN excluded.ok_at >= coalesce(h.stopped_at, '-infinity')
    ELSE excluded.stopped_at > coalesce(h.ok_at, '-infinity') END
