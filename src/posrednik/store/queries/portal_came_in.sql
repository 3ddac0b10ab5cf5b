-- portal_came_in: who is in by the portal's word. in: now. out: user_id (of the portal), who (courier or person),
-- owner (courier's ref, person's id), name, n (open tokens)
SELECT split_part(c.made_by, ':', 2) AS user_id, 'courier' AS who, t.owner, '' AS name, count(*) AS n
FROM login_code c JOIN token t ON t.id = c.token_id
WHERE c.kind = 'portal' AND c.made_by LIKE 'bitrix24:%%' AND t.revoked_at IS NULL
    AND coalesce(t.expires_at > %(now)s, true)
GROUP BY 1, t.owner
UNION ALL
SELECT p.bitrix24_user, 'person', p.id::text, p.name, count(*)
FROM token t JOIN person p ON p.id = t.person_id
WHERE t.entry = 'portal' AND p.bitrix24_user IS NOT NULL AND t.revoked_at IS NULL
    AND coalesce(t.expires_at > %(now)s, true)
GROUP BY p.id
ORDER BY user_id, who, owner
