-- cash_entries_since: change and hand-ins of a courier, newest first. in: courier_ref, since. out: doc (text)
SELECT doc::text AS doc FROM cash_entry WHERE courier_ref = %(courier_ref)s AND at >= %(since)s ORDER BY at DESC LIMIT 1000
