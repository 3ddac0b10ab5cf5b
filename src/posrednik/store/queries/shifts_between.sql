-- shifts_between: shifts that were open at any moment of a time, newest first. in: since, until, courier_ref (null = all)
-- out: doc (text)
SELECT doc::text AS doc FROM shift
WHERE opened_at < %(until)s AND (closed_at IS NULL OR closed_at >= %(since)s)
    AND (%(courier_ref)s::text IS NULL OR courier_ref = %(courier_ref)s)
ORDER BY opened_at DESC, id LIMIT 500
