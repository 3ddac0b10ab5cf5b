-- sale_put: a new or corrected sale. in: id, courier_ref, division_ref, made_at, version, doc
INSERT INTO sale (id, courier_ref, division_ref, made_at, version, doc)
VALUES (%(id)s, %(courier_ref)s, %(division_ref)s, %(made_at)s, %(version)s, %(doc)s)
ON CONFLICT (id) DO UPDATE SET version = excluded.version, doc = excluded.doc
