-- shadow_add: what would have been sent. in: arrays divisions, types, destinations (names), methods, event_ids,
-- order_refs, trials, bytes, bodies (JSON text, null = too large to be kept)
INSERT INTO shadow_message (division_ref, type, destination, method, event_id, order_ref, trial, bytes, body)
SELECT u.division_ref, u.type, u.destination, u.method, u.event_id, u.order_ref, u.trial, u.bytes, u.body::json
FROM unnest(%(divisions)b::text[], %(types)b::text[], %(destinations)b::text[], %(methods)b::text[], %(event_ids)b::uuid[],
    %(order_refs)b::uuid[], %(trials)b::bool[], %(bytes)b::int[], %(bodies)b::text[]) WITH ORDINALITY
    AS u (division_ref, type, destination, method, event_id, order_ref, trial, bytes, body, n)
ORDER BY u.n
