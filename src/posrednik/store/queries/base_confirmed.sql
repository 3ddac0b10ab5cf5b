-- base_confirmed: slices of a restored base that were compared since. in: base_id, since (doubt_at)
-- out: compared, agreed, lost (open incidents about what it lost)
SELECT count(*) AS compared, count(*) FILTER (WHERE s.equal) AS agreed,
    (SELECT count(*) FROM incident i WHERE i.base_id = %(base_id)s AND i.state = 'open' AND i.subject_kind = 'object'
        AND i.kind = 'does_not_agree') AS lost
FROM (
    SELECT DISTINCT ON (kind, slice) equal FROM slice_check
    WHERE base_id = %(base_id)s AND equal IS NOT NULL AND at >= %(since)s
    ORDER BY kind, slice, id DESC
) s
