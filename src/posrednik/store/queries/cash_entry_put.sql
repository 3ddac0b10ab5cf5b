-- cash_entry_put: a new or corrected entry. in: id, courier_ref, kind, at, doc
INSERT INTO cash_entry (id, courier_ref, kind, at, doc) VALUES (%(id)s, %(courier_ref)s, %(kind)s, %(at)s, %(doc)s)
ON CONFLICT (id) DO UPDATE SET doc = excluded.doc
