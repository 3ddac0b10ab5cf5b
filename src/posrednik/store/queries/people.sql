-- people: all of them by name. in: now. out: columns of person that may be shown, sessions (open now)
SELECT p.id, p.login, p.name, p.email, p.bitrix24_user, p.roles, p.divisions, p.active, p.totp_on, p.version,
    p.made_at, p.last_at, p.password_hash IS NOT NULL AS has_password, p.one_time_until,
    (SELECT count(*) FROM token t WHERE t.person_id = p.id AND t.revoked_at IS NULL
        AND coalesce(t.expires_at > %(now)s::timestamptz, true)) AS sessions
FROM person p ORDER BY NOT p.active, p.name, p.login
