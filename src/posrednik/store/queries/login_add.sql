-- login_add: a way in that works once. in: hash, courier_ref, kind, made_by, made_at, expires_at. No row: the hash is taken
INSERT INTO login_code (hash, courier_ref, kind, made_by, made_at, expires_at)
VALUES (%(hash)s, %(courier_ref)s, %(kind)s, %(made_by)s, %(made_at)s, %(expires_at)s)
ON CONFLICT (hash) DO NOTHING
