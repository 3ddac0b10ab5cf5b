-- token_find: a token that is valid now. in: hash. out: id, kind, owner, name
SELECT id, kind, owner, name FROM token WHERE hash = %(hash)s AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())
