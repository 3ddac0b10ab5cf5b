-- shift_now: a courier's open shift, as a reader sees it. in: courier_ref. out: doc (text)
SELECT doc::text AS doc FROM shift WHERE courier_ref = %(courier_ref)s AND closed_at IS NULL
