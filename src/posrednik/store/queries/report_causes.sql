-- report_causes: what was said of cash that differed at counts. in: first, last (days), couriers. out: courier_ref, reasons
SELECT f.courier_ref, array_agg(DISTINCT e.data ->> 'reason') AS reasons
FROM day_entry f JOIN event e ON e.id = f.event_id
WHERE f.day BETWEEN %(first)s AND %(last)s AND f.courier_ref = ANY(%(couriers)b::text[])
    AND counted -> 'figures' ?| ARRAY['cash_shortage_kop', 'cash_surplus_kop'] AND e.data ->> 'reason' IS NOT NULL
GROUP BY 1
