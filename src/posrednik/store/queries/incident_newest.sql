-- incident_newest: the newest incident of a kind about a subject, open or decided. in: kind, subject_kind, subject_id. out: doc (text)
SELECT doc::text AS doc FROM incident
WHERE kind = %(kind)s AND subject_kind = %(subject_kind)s AND subject_id = %(subject_id)s
ORDER BY raised_at DESC, id DESC LIMIT 1
