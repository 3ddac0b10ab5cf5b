-- view_incidents: incidents, newest news first. in (null = any): state, delivery (id), courier (ref), division (ref),
-- divisions (refs), kind, severity, since and until (its news or its beginning lie between), words (lower case), id; limit
-- out: doc (text). Of a delivery: whatever concerns its order.
SELECT i.doc::text AS doc FROM incident i
WHERE (%(state)s::text IS NULL OR i.state = %(state)s)
    AND (%(delivery)s::uuid IS NULL OR i.order_ref = (SELECT d.order_ref FROM delivery d WHERE d.id = %(delivery)s))
    AND (%(courier)s::text IS NULL OR i.courier_ref = %(courier)s)
    AND (%(division)s::text IS NULL OR i.division_ref = %(division)s)
    AND (%(divisions)s::text[] IS NULL OR i.division_ref = ANY(%(divisions)s))
    AND (%(kind)s::text IS NULL OR i.kind = %(kind)s)
    AND (%(severity)s::text IS NULL OR i.severity = %(severity)s)
    AND (%(since)s::timestamptz IS NULL OR i.last_at >= %(since)s)
    AND (%(until)s::timestamptz IS NULL OR i.raised_at < %(until)s)
    AND (%(id)s::uuid IS NULL OR i.id = %(id)s)
    AND (%(words)s::text IS NULL OR strpos(lower(concat_ws(' ', i.doc ->> 'order_number', i.doc ->> 'what',
        i.doc ->> 'reason', i.doc ->> 'decided_by')), %(words)s) > 0)
ORDER BY i.last_at DESC, i.id DESC LIMIT %(limit)s
