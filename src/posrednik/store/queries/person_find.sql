-- person_find: one person by id, login or user of the portal (the one that is given). in: id, login, bitrix24_user
-- out: all columns of person
SELECT * FROM person
WHERE (%(id)s::uuid IS NULL OR id = %(id)s) AND (%(login)s::text IS NULL OR login = %(login)s)
    AND (%(bitrix24_user)s::text IS NULL OR bitrix24_user = %(bitrix24_user)s)
