-- session_add: a token of somebody who signed in. in: id, owner, name, hash, person_id, agent, entry, now, expires_at
INSERT INTO token (id, kind, owner, name, hash, person_id, agent, entry, created_at, last_at, expires_at)
VALUES (%(id)s, 'person', %(owner)s, %(name)s, %(hash)s, %(person_id)s, %(agent)s, %(entry)s, %(now)s, %(now)s,
    %(expires_at)s)
