-- pilot_trials: trial orders, newest first, with a delivery or without one yet. in: divisions (null = all), most
-- out: division_ref, order_ref, order_number, delivery_id, stage, on_board, courier_ref, changed_at
(SELECT d.division_ref, d.order_ref, d.order_number, d.id AS delivery_id, d.stage, d.on_board, d.courier_ref, d.changed_at
 FROM delivery d WHERE d.trial AND (%(divisions)s::text[] IS NULL OR d.division_ref = ANY(%(divisions)s))
 ORDER BY d.changed_at DESC LIMIT %(most)s)
UNION ALL
(SELECT m.data ->> 'division', t.order_ref, m.data ->> 'number', NULL, NULL, NULL, NULL,
    (t.terms #>> '{trial,at}')::timestamptz
 FROM order_terms t JOIN mirror m ON m.base_id = t.base_id AND m.kind = 'order' AND m.ref = t.order_ref::text
 WHERE t.terms ? 'trial' AND (t.terms #>> '{trial,on}')::boolean
    AND NOT EXISTS (SELECT 1 FROM delivery d WHERE d.base_id = t.base_id AND d.order_ref = t.order_ref)
    AND (%(divisions)s::text[] IS NULL OR m.data ->> 'division' = ANY(%(divisions)s))
 LIMIT %(most)s)
ORDER BY changed_at DESC
