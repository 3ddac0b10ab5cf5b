-- incidents_open_about: open incidents of one kind about subjects of one kind. in: kind, subject_kind, subject_ids (null =
-- all). out: id, subject_id
SELECT id, subject_id FROM incident
WHERE state = 'open' AND kind = %(kind)s AND subject_kind = %(subject_kind)s
    AND (%(subject_ids)b::text[] IS NULL OR subject_id = ANY(%(subject_ids)b::text[]))
