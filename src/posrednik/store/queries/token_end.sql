-- token_end: end a token that is nobody's session. in: id. out: kind, owner, name
UPDATE token SET revoked_at = now() WHERE id = %(id)s AND person_id IS NULL AND revoked_at IS NULL RETURNING kind, owner, name
