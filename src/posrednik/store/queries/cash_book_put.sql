-- cash_book_put: a new or changed book. in: courier_ref, version, doc
INSERT INTO cash_book (courier_ref, version, doc) VALUES (%(courier_ref)s, %(version)s, %(doc)s)
ON CONFLICT (courier_ref) DO UPDATE SET version = excluded.version, doc = excluded.doc
