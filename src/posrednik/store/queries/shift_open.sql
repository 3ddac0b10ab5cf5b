-- shift_open: a courier's open shift, locked. in: courier_ref. out: doc (text)
SELECT doc::text AS doc FROM shift WHERE courier_ref = %(courier_ref)s AND closed_at IS NULL FOR UPDATE
