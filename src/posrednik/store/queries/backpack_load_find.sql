-- backpack_load_find: a load by its id or by its document of 1C. in: courier_ref, id, document. out: doc (text)
SELECT doc::text AS doc FROM backpack_load
WHERE id = %(id)s OR courier_ref = %(courier_ref)s AND document = %(document)s
ORDER BY id = %(id)s DESC LIMIT 1
