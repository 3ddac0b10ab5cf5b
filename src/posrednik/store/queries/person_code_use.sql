-- person_code_use: the first time, and only then. in: hash, kind, person_id (NULL = whose it is), now. out: person_id
UPDATE person_code SET used_at = %(now)s
WHERE hash = %(hash)s AND kind = %(kind)s AND used_at IS NULL AND (expires_at IS NULL OR expires_at > %(now)s)
    AND (%(person_id)s::uuid IS NULL OR person_id = %(person_id)s)
RETURNING person_id
