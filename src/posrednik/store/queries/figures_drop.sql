-- figures_drop: takes what these events added to their days out again, to be counted anew in the same transaction.
-- in: event_ids. out: nothing. Locks the sums' rows in the order of their keys, as figures_add does.
WITH gone AS (
    DELETE FROM day_entry WHERE event_id = ANY(%(event_ids)b::uuid[])
    RETURNING day, division_ref, courier_ref, counted
), figures AS (
    INSERT INTO day_figure AS f (day, division_ref, courier_ref, name, value)
    SELECT day, division_ref, courier_ref, c.key, -sum(c.value::bigint)
    FROM gone CROSS JOIN jsonb_each_text(counted -> 'figures') AS c
    GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
    ON CONFLICT (day, division_ref, courier_ref, name) DO UPDATE SET value = f.value + excluded.value
), reasons AS (
    INSERT INTO day_reason AS r (day, division_ref, courier_ref, reason, n)
    SELECT day, division_ref, courier_ref, c.key, -sum(c.value::bigint)
    FROM gone CROSS JOIN jsonb_each_text(counted -> 'reasons') AS c
    GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
    ON CONFLICT (day, division_ref, courier_ref, reason) DO UPDATE SET n = r.n + excluded.n
)
INSERT INTO day_product AS p (day, division_ref, courier_ref, product, characteristic, quantity_milli, sum_kop)
SELECT day, division_ref, courier_ref, c ->> 0, c ->> 1, -sum((c ->> 2)::bigint), -sum((c ->> 3)::bigint)
FROM gone CROSS JOIN jsonb_array_elements(counted -> 'products') AS c
GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5
ON CONFLICT (day, division_ref, courier_ref, product, characteristic)
    DO UPDATE SET quantity_milli = p.quantity_milli + excluded.quantity_milli, sum_kop = p.sum_kop + excluded.sum_kop
