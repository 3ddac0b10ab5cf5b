-- backpack_load_put: a new or changed load. in: id, courier_ref, document, doc
INSERT INTO backpack_load (id, courier_ref, document, doc) VALUES (%(id)s, %(courier_ref)s, %(document)s, %(doc)s)
ON CONFLICT (id) DO UPDATE SET document = excluded.document, doc = excluded.doc
