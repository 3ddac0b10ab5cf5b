-- token_find: a token that is valid now. A person who is locked has none. in: hash
-- out: id, kind, owner, name, person_id, login, roles, divisions (of a person with an account), stale (its use is to be
-- written down: session_touch)
SELECT t.id, t.kind, t.owner, coalesce(p.name, t.name) AS name, t.person_id, p.login, p.roles, p.divisions,
    coalesce(t.last_at < now() - interval '1 minute', true) AS stale
FROM token t LEFT JOIN person p ON p.id = t.person_id
WHERE t.hash = %(hash)s AND t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > now())
    AND (t.person_id IS NULL OR p.active)
