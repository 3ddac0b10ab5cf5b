-- shift_lock: one shift, locked. in: id. out: doc (text)
SELECT doc::text AS doc FROM shift WHERE id = %(id)s FOR UPDATE
