-- person_add: somebody new. in: id, login, name, email, bitrix24_user, roles, divisions, password_hash, one_time_until
INSERT INTO person (id, login, name, email, bitrix24_user, roles, divisions, password_hash, one_time_until)
VALUES (%(id)s, %(login)s, %(name)s, %(email)s, %(bitrix24_user)s, %(roles)s, %(divisions)s, %(password_hash)s,
    %(one_time_until)s)
