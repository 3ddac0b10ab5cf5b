-- delivery_get: one delivery, not locked. in: id. out: doc (text), changed_at
SELECT doc::text AS doc, changed_at FROM delivery WHERE id = %(id)s
