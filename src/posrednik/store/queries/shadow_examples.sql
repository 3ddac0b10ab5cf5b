-- shadow_examples: the newest of each type and destination. in: since, until, divisions (null = all), most (of each)
-- out: type, destination, at, event_id, order_number, bytes, body (text, null = too large to be kept)
SELECT s.type, s.destination, s.at, s.event_id, d.order_number, s.bytes, s.body::text AS body
FROM (
    SELECT *, row_number() OVER (PARTITION BY type, destination ORDER BY id DESC) AS n FROM shadow_message
    WHERE at >= %(since)s AND at < %(until)s AND (%(divisions)s::text[] IS NULL OR division_ref = ANY(%(divisions)s))
) s LEFT JOIN LATERAL (
    SELECT d.order_number FROM base b JOIN delivery d ON d.base_id = b.id AND d.order_ref = s.order_ref LIMIT 1
) d ON true
WHERE s.n <= %(most)s ORDER BY s.type, s.destination, s.id DESC
