-- guard_take: one more try of a login or address, unless it must wait. in: subject, now, forgotten (wrong tries before
-- this time do not count). out: failed with this one. No row: locked. Locks its row until the commit.
INSERT INTO sign_in_guard AS g (subject, failed, last_at) VALUES (%(subject)s, 1, %(now)s)
ON CONFLICT (subject) DO UPDATE SET last_at = %(now)s,
    failed = CASE WHEN g.last_at < %(forgotten)s THEN 1 ELSE g.failed + 1 END
WHERE g.locked_until IS NULL OR g.locked_until <= %(now)s
RETURNING failed
