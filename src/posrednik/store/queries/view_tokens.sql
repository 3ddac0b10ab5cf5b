-- view_tokens: tokens that are nobody's session, last used first. in: kind (NULL = any), ended (true: those too), limit
-- out: id, kind, owner, owner_name (of the base, of the courier), name, made_at, last_at (NULL = never used), expires_at,
-- ended (revoked or over), ended_at, agent (of a courier's phone)
SELECT t.id, t.kind, t.owner, coalesce(b.name, c.name) AS owner_name, t.name, t.created_at AS made_at, t.last_at,
    t.expires_at, t.revoked_at IS NOT NULL OR coalesce(t.expires_at <= now(), false) AS ended,
    coalesce(t.revoked_at, CASE WHEN t.expires_at <= now() THEN t.expires_at END) AS ended_at, d.agent
FROM token t
LEFT JOIN base b ON t.kind = 'base' AND b.id::text = t.owner
LEFT JOIN LATERAL (
    SELECT m.data->>'name' AS name FROM base o JOIN mirror m ON m.base_id = o.id AND m.kind = 'courier' AND m.ref = t.owner
    WHERE t.kind = 'device' LIMIT 1) c ON true
LEFT JOIN LATERAL (SELECT agent FROM device WHERE token_id = t.id LIMIT 1) d ON true
WHERE t.person_id IS NULL AND (%(kind)s::text IS NULL OR t.kind = %(kind)s::text)
    AND (%(ended)s OR t.revoked_at IS NULL AND coalesce(t.expires_at > now(), true))
ORDER BY t.last_at DESC NULLS LAST, t.created_at DESC LIMIT %(limit)s
