-- backpack_lock: a courier's backpack, locked. in: courier_ref. out: doc (text)
SELECT doc::text AS doc FROM backpack WHERE courier_ref = %(courier_ref)s FOR UPDATE
