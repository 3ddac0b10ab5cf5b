-- device_revoke: end a courier's token; once ended it stays so. in: token_id. out: owner (No row: no such token)
UPDATE token SET revoked_at = coalesce(revoked_at, now()) WHERE id = %(token_id)s AND kind = 'device' RETURNING owner
