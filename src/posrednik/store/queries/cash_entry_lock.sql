-- cash_entry_lock: one entry, locked. in: id. out: courier_ref, doc (text)
SELECT courier_ref, doc::text AS doc FROM cash_entry WHERE id = %(id)s FOR UPDATE
