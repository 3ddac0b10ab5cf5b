-- login_use: the code gave this token. in: hash, token_id, used_key (NULL: it cannot be repeated), now
-- A repeat keeps the time of the first use.
UPDATE login_code SET used_at = coalesce(used_at, %(now)s), used_key = %(used_key)s, token_id = %(token_id)s
WHERE hash = %(hash)s
