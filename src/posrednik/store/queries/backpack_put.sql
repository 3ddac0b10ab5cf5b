-- backpack_put: a new or changed backpack. in: courier_ref, version, doc
INSERT INTO backpack (courier_ref, version, doc) VALUES (%(courier_ref)s, %(version)s, %(doc)s)
ON CONFLICT (courier_ref) DO UPDATE SET version = excluded.version, doc = excluded.doc
