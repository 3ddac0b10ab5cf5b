-- tokens: all of them, without hashes. out: id, kind, owner, name, created_at, revoked_at
SELECT id, kind, owner, name, created_at, revoked_at FROM token ORDER BY created_at
