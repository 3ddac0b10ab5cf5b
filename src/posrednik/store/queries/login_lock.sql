-- login_lock: locks the code until the commit, so that of two uses at once the second sees the first.
-- in: hash. out: courier_ref, kind, expires_at, used_at, used_key, token_id
SELECT courier_ref, kind, expires_at, used_at, used_key, token_id FROM login_code WHERE hash = %(hash)s FOR UPDATE
