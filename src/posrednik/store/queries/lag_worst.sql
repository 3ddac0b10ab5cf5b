-- lag_worst: the longest lags of a name. in: first, last (days), divisions (NULL = all), division (NULL = any), name, limit
-- out: seconds, subject, at, day, division_ref, courier_ref, order_ref, order_number, what
SELECT w.seconds, w.subject, w.at, w.day, w.division_ref, w.courier_ref, w.order_ref, w.what,
    (SELECT d.order_number FROM delivery d
        WHERE d.id = CASE WHEN w.name IN ('onec_to_bitrix24', 'ready_to_handed') THEN w.subject
            ELSE (SELECT e.subject_id::uuid FROM event e WHERE e.id = w.subject AND e.subject_kind = 'delivery') END) AS order_number
FROM (
    SELECT * FROM lag
    WHERE name = %(name)s AND day BETWEEN %(first)s AND %(last)s
        AND (division_ref = '' OR (%(divisions)b::text[] IS NULL OR division_ref = ANY(%(divisions)b::text[]))
            AND (%(division)s::text IS NULL OR division_ref = %(division)s::text))
    ORDER BY seconds DESC LIMIT %(limit)s
) w
ORDER BY w.seconds DESC
