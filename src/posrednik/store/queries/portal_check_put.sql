-- portal_check_put: what the last check found. in: destination_id, by, lines (JSON text)
INSERT INTO portal_check AS c (destination_id, by, lines) VALUES (%(destination_id)s, %(by)s, %(lines)s::jsonb)
ON CONFLICT (destination_id) DO UPDATE SET at = now(), by = excluded.by, lines = excluded.lines
