-- shift_at: the shift in which a moment of a courier lies. in: courier_ref, at. out: doc (text)
SELECT doc::text AS doc FROM shift
WHERE courier_ref = %(courier_ref)s AND opened_at <= %(at)s AND (closed_at IS NULL OR closed_at >= %(at)s)
ORDER BY opened_at DESC LIMIT 1 FOR UPDATE
