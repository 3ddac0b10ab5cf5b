-- portal_reading_put: a reading that began at `at` ended. in: at, why (NULL: it was whole). out: a row when nobody has a
-- newer one. Locks the row: one reading is written at a time.
INSERT INTO portal_reading AS r (read_at, tried_at, why)
VALUES (CASE WHEN %(why)s::text IS NULL THEN %(at)s::timestamptz END, %(at)s, %(why)s)
ON CONFLICT (one) DO UPDATE SET read_at = coalesce(excluded.read_at, r.read_at), tried_at = excluded.tried_at, why = excluded.why
WHERE r.tried_at <= excluded.tried_at
RETURNING one
