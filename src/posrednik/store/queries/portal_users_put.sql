-- portal_users_put: the users as they were read, and no others. in: users (JSON list of the columns)
WITH given AS (
    SELECT * FROM jsonb_to_recordset(%(users)s::jsonb)
        AS g(id bigint, name text, email text, phones text[], active boolean, last_login timestamptz)
), gone AS (
    DELETE FROM portal_user WHERE id NOT IN (SELECT id FROM given)
)
INSERT INTO portal_user AS u SELECT * FROM given
ON CONFLICT (id) DO UPDATE SET name = excluded.name, email = excluded.email, phones = excluded.phones,
    active = excluded.active, last_login = excluded.last_login
WHERE (u.name, u.email, u.phones, u.active, u.last_login)
    IS DISTINCT FROM (excluded.name, excluded.email, excluded.phones, excluded.active, excluded.last_login)
