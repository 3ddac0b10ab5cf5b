-- figures_add: what events add to their days, and with it the days' sums. An event that is counted stays as it is.
-- in: arrays event_ids, days, division_refs, courier_refs, counteds. out: nothing
-- Locks the sums' rows in the order of their keys: day_figure, day_reason, day_product; after the ledgers, before lanes.
WITH given AS (
    SELECT * FROM unnest(%(event_ids)b::uuid[], %(days)b::date[], %(division_refs)b::text[], %(courier_refs)b::text[],
        %(counteds)b::text[]) AS u (event_id, day, division_ref, courier_ref, counted)
), put AS (
    INSERT INTO day_entry (event_id, day, division_ref, courier_ref, counted)
    SELECT event_id, day, division_ref, courier_ref, counted::jsonb FROM given ORDER BY event_id
    ON CONFLICT (event_id) DO NOTHING
    RETURNING day, division_ref, courier_ref, counted
), figures AS (
    INSERT INTO day_figure AS f (day, division_ref, courier_ref, name, value)
    SELECT day, division_ref, courier_ref, c.key, sum(c.value::bigint)
    FROM put CROSS JOIN jsonb_each_text(counted -> 'figures') AS c
    GROUP BY 1, 2, 3, 4 HAVING sum(c.value::bigint) <> 0 ORDER BY 1, 2, 3, 4
    ON CONFLICT (day, division_ref, courier_ref, name) DO UPDATE SET value = f.value + excluded.value
), reasons AS (
    INSERT INTO day_reason AS r (day, division_ref, courier_ref, reason, n)
    SELECT day, division_ref, courier_ref, c.key, sum(c.value::bigint)
    FROM put CROSS JOIN jsonb_each_text(counted -> 'reasons') AS c
    GROUP BY 1, 2, 3, 4 HAVING sum(c.value::bigint) <> 0 ORDER BY 1, 2, 3, 4
    ON CONFLICT (day, division_ref, courier_ref, reason) DO UPDATE SET n = r.n + excluded.n
)
INSERT INTO day_product AS p (day, division_ref, courier_ref, product, characteristic, quantity_milli, sum_kop)
SELECT day, division_ref, courier_ref, c ->> 0, c ->> 1, sum((c ->> 2)::bigint), sum((c ->> 3)::bigint)
FROM put CROSS JOIN jsonb_array_elements(counted -> 'products') AS c
GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5
ON CONFLICT (day, division_ref, courier_ref, product, characteristic)
    DO UPDATE SET quantity_milli = p.quantity_milli + excluded.quantity_milli, sum_kop = p.sum_kop + excluded.sum_kop
