-- report_cases: what is behind a figure, newest day first. in: first, last (days), divisions (NULL = all), division,
-- courier (NULL = any), names (figures, any of them; NULL = none asked), reason, product (NULL or JSON: [[product]]), limit
-- out: day, event_id, division_ref, courier_ref, counted (JSON text), type, subject_kind, subject_id, occurred_at,
-- recorded_at, order_number (of a delivery), order_ref, what, reason (as the event tells them, NULL = nothing)
SELECT f.day, f.event_id, f.division_ref, f.courier_ref, f.counted::text AS counted, e.type, e.subject_kind, e.subject_id,
    e.occurred_at, e.recorded_at, d.order_number, e.order_ref, e.data ->> 'what' AS what, e.data ->> 'reason' AS reason
FROM (
    SELECT * FROM day_entry
    WHERE day BETWEEN %(first)s AND %(last)s
        AND (%(divisions)b::text[] IS NULL OR division_ref = ANY(%(divisions)b::text[]))
        AND (%(division)s::text IS NULL OR division_ref = %(division)s::text)
        AND (%(courier)s::text IS NULL OR courier_ref = %(courier)s::text)
        AND (%(names)b::text[] IS NULL OR counted -> 'figures' ?| %(names)b::text[])
        AND (%(reason)s::text IS NULL OR counted -> 'reasons' ? %(reason)s::text)
        AND (%(product)s::text IS NULL OR counted -> 'products' @> %(product)s::text::jsonb)
    ORDER BY day DESC, event_id DESC LIMIT %(limit)s
) AS f
JOIN event e ON e.id = f.event_id
LEFT JOIN delivery d ON d.id = CASE e.subject_kind WHEN 'delivery' THEN e.subject_id::uuid END
ORDER BY f.day DESC, f.event_id DESC
