-- sale_lock: one sale, locked. in: id. out: doc (text)
SELECT doc::text AS doc FROM sale WHERE id = %(id)s FOR UPDATE
