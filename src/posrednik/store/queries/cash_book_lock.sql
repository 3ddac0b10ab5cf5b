-- cash_book_lock: a courier's cash book, locked. in: courier_ref. out: doc (text)
SELECT doc::text AS doc FROM cash_book WHERE courier_ref = %(courier_ref)s FOR UPDATE
