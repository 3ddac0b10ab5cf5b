-- slice_unconfirmed: objects of a slice that the base has not sent after a rank. in: base_id, kind, since, until (null =
-- all), epoch_no, number, limit. out: ref, version, changed_at, number, division, name
SELECT ref, version, changed_at, data ->> 'number' AS number, data ->> 'division' AS division, data ->> 'name' AS name
FROM mirror m
WHERE base_id = %(base_id)s AND kind = %(kind)s AND NOT deleted AND (m.epoch_no, m.number) <= (%(epoch_no)s, %(number)s)
    AND (%(since)s::text IS NULL OR (data ->> 'date' >= %(since)s AND data ->> 'date' < %(until)s))
ORDER BY ref LIMIT %(limit)s
