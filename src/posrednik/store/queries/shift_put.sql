-- shift_put: a new or changed shift. in: id, courier_ref, division_ref, base_id, opened_at, closed_at, version, doc
INSERT INTO shift (id, courier_ref, division_ref, base_id, opened_at, closed_at, version, doc)
VALUES (%(id)s, %(courier_ref)s, %(division_ref)s, %(base_id)s, %(opened_at)s, %(closed_at)s, %(version)s, %(doc)s)
ON CONFLICT (id) DO UPDATE SET closed_at = excluded.closed_at, version = excluded.version, doc = excluded.doc
