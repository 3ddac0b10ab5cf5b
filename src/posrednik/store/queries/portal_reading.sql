-- portal_reading: when users and projects were read. out: read_at (NULL: never), tried_at, why (NULL: the last try was
-- good), users, projects (how many)
SELECT read_at, tried_at, why, (SELECT count(*) FROM portal_user) AS users,
    (SELECT count(*) FROM portal_project) AS projects
FROM portal_reading
