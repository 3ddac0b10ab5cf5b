-- person_code_add: something that works once. in: hash, person_id, kind, expires_at (NULL = until it is used)
INSERT INTO person_code (hash, person_id, kind, expires_at)
VALUES (%(hash)s, %(person_id)s, %(kind)s, %(expires_at)s)
