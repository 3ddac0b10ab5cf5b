-- token_find: in: hash. out: id, kind, owner, name
SELECT id, kind, owner, name FROM token WHERE hash = %(hash)s AND revoked_at IS NULL
