-- portal_users: all users of the portal that were read, by id. out: columns of portal_user
SELECT id, name, email, phones, active, last_login FROM portal_user ORDER BY id
