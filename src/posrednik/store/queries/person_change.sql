-- person_change: what an administrator says of somebody. in: id, name, email, bitrix24_user, roles, divisions, active
UPDATE person SET name = %(name)s, email = %(email)s, bitrix24_user = %(bitrix24_user)s, roles = %(roles)s,
    divisions = %(divisions)s, active = %(active)s, version = version + 1, changed_at = now()
WHERE id = %(id)s
