-- delivery_lock: one delivery, locked. in: id. out: doc (text)
SELECT doc::text AS doc FROM delivery WHERE id = %(id)s FOR UPDATE
