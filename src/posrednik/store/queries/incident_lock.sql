-- incident_lock: one incident, locked. in: id. out: doc (text)
SELECT doc::text AS doc FROM incident WHERE id = %(id)s FOR UPDATE
