-- sessions: of one person that are open now, last used first. in: person_id, now. out: id, agent, entry, created_at,
-- last_at, expires_at
SELECT id, agent, entry, created_at, last_at, expires_at FROM token
WHERE person_id = %(person_id)s AND revoked_at IS NULL AND coalesce(expires_at > %(now)s, true) ORDER BY last_at DESC
