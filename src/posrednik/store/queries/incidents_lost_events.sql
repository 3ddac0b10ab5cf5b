-- incidents_lost_events: open incidents about events that only 1C has, of these subjects; oldest first, locked.
-- in: kind, subject_kind, subjects. out: id, subject_id (of the event), type, subject, data (text)
SELECT id, subject_id, doc #>> '{data,event}' AS type, doc #>> '{data,subject}' AS subject, doc #>> '{data,data}' AS data
FROM incident WHERE state = 'open' AND kind = %(kind)s AND subject_kind = %(subject_kind)s
    AND doc #>> '{data,subject}' = ANY(%(subjects)b::text[])
ORDER BY doc #>> '{data,occurred_at}' FOR UPDATE
