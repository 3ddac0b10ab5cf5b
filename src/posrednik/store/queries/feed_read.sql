-- feed_read: the feed after a cursor. in: after, limit, likes (LIKE patterns or null), division_ref (or null)
-- out: feed_no, id, type, subject_kind, subject_id, version, occurred_at, actor (text), division_ref, trial, data (text)
SELECT feed_no, id, type, subject_kind, subject_id, version, occurred_at, actor::text AS actor, division_ref, trial,
    data::text AS data
FROM event
WHERE feed_no > %(after)s AND subject_kind = 'delivery'
    AND (%(likes)b::text[] IS NULL OR type LIKE ANY(%(likes)b::text[]))
    AND (%(division_ref)s::text IS NULL OR division_ref = %(division_ref)s)
ORDER BY feed_no LIMIT %(limit)s
