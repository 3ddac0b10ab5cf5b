-- sales_of_courier: a courier's sales since a moment, newest first. in: courier_ref, since. out: doc (text)
SELECT doc::text AS doc FROM sale WHERE courier_ref = %(courier_ref)s AND made_at >= %(since)s ORDER BY made_at DESC LIMIT 1000
