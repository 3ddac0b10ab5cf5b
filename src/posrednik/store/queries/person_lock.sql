-- person_lock: one person until the commit. in: id. out: all columns of person. Locks his row.
SELECT * FROM person WHERE id = %(id)s FOR UPDATE
