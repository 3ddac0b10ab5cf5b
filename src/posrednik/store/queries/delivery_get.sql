-- delivery_get: one delivery, not locked. in: id. out: doc (text)
SELECT doc::text AS doc FROM delivery WHERE id = %(id)s
