-- figures_check: must be true: the days' sums are those of their entries, and their money is what the ledger posted for
-- the same events. in: since (day), money (names that equal postings). out: subject, what
WITH entry AS MATERIALIZED (
    SELECT event_id, day, division_ref, courier_ref, counted FROM day_entry WHERE day >= %(since)s
), sums AS (
    SELECT day, courier_ref, division_ref, c.key AS name, c.value::bigint AS amount
    FROM entry CROSS JOIN jsonb_each_text(counted -> 'figures') AS c
    UNION ALL SELECT day, courier_ref, division_ref, name, -value FROM day_figure WHERE day >= %(since)s
    UNION ALL SELECT day, courier_ref, division_ref, 'reason ' || c.key, c.value::bigint
    FROM entry CROSS JOIN jsonb_each_text(counted -> 'reasons') AS c
    UNION ALL SELECT day, courier_ref, division_ref, 'reason ' || reason, -n FROM day_reason WHERE day >= %(since)s
    UNION ALL
    SELECT day, courier_ref, division_ref, s.name || (c ->> 0) || coalesce(' ' || (c ->> 1), ''), s.amount
    FROM entry CROSS JOIN jsonb_array_elements(counted -> 'products') AS c
    CROSS JOIN LATERAL (VALUES ('quantity of ', (c ->> 2)::bigint), ('sum of ', (c ->> 3)::bigint)) AS s (name, amount)
    UNION ALL
    SELECT day, courier_ref, division_ref, s.name || product || coalesce(' ' || characteristic, ''), -s.amount
    FROM day_product CROSS JOIN LATERAL (VALUES ('quantity of ', quantity_milli), ('sum of ', sum_kop)) AS s (name, amount)
    WHERE day >= %(since)s
), money AS (
    SELECT e.day, e.courier_ref, e.division_ref, CASE
        WHEN p.why LIKE 'hand_over%%' THEN 'taken_' || w.way || '_kop' WHEN p.why LIKE 'sale%%' THEN 'sold_' || w.way || '_kop'
        WHEN p.why LIKE 'change_issued%%' THEN 'change_issued_kop' WHEN p.why LIKE 'hand_in%%' THEN 'handed_in_kop'
        WHEN p.why = 'refund' THEN 'refunded_kop' WHEN p.target LIKE 'cash_shortage:%%' THEN 'decided_shortage_kop'
        ELSE 'decided_surplus_kop' END AS name,
        CASE WHEN p.why LIKE '%%\_reversed' THEN -p.sum_kop ELSE p.sum_kop END AS amount
    FROM entry e JOIN money_posting p ON p.event_id = e.event_id
    CROSS JOIN LATERAL (SELECT CASE WHEN 'acquiring' IN (p.source, p.target) THEN 'card'
        WHEN 'transfers' IN (p.source, p.target) THEN 'transfer' ELSE 'cash' END AS way) AS w
    UNION ALL
    SELECT day, courier_ref, division_ref, name, -value FROM day_figure
    WHERE day >= %(since)s AND name = ANY(%(money)b::text[])
)
SELECT day || ' ' || division_ref || ' ' || courier_ref AS subject, name || ' differs by ' || sum(amount) AS what
FROM sums GROUP BY day, division_ref, courier_ref, name HAVING sum(amount) <> 0
UNION ALL
SELECT day || ' ' || division_ref || ' ' || courier_ref, name || ' differs from the ledger by ' || sum(amount)
FROM money GROUP BY day, division_ref, courier_ref, name HAVING sum(amount) <> 0
LIMIT 20
