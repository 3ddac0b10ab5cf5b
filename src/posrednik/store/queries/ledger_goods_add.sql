-- ledger_goods_add: postings of goods, and with them the balances. Those of an event that is posted stay as they are.
-- in: arrays event_ids, ns, sources, targets, products, characteristics, quantities, whys, subject_kinds, subject_ids,
-- couriers, ats. out: nothing; the row count is that of the balances touched
-- Locks the balances' rows in the order of their keys; ledger_money_add comes after it, lanes after both.
WITH posted AS (
    INSERT INTO goods_posting (event_id, n, source, target, product, characteristic, quantity_milli, why, subject_kind,
        subject_id, courier_ref, at)
    SELECT u.event_id, u.n, u.source, u.target, u.product, u.characteristic, u.quantity_milli, u.why, u.subject_kind,
        u.subject_id, u.courier_ref, u.at
    FROM unnest(%(event_ids)b::uuid[], %(ns)b::int[], %(sources)b::text[], %(targets)b::text[], %(products)b::text[],
        %(characteristics)b::text[], %(quantities)b::bigint[], %(whys)b::text[], %(subject_kinds)b::text[],
        %(subject_ids)b::text[], %(couriers)b::text[], %(ats)b::timestamptz[]) WITH ORDINALITY
        AS u (event_id, n, source, target, product, characteristic, quantity_milli, why, subject_kind, subject_id,
            courier_ref, at, position)
    ORDER BY u.position
    ON CONFLICT (event_id, n) DO NOTHING
    RETURNING source, target, product, characteristic, quantity_milli
), moved AS (
    SELECT source AS account, product, characteristic, -quantity_milli AS quantity_milli FROM posted
    UNION ALL SELECT target, product, characteristic, quantity_milli FROM posted
)
INSERT INTO goods_balance AS b (account, product, characteristic, quantity_milli)
SELECT account, product, characteristic, sum(quantity_milli)::bigint FROM moved
GROUP BY account, product, characteristic ORDER BY account, product, characteristic
ON CONFLICT (account, product, characteristic) DO UPDATE SET quantity_milli = b.quantity_milli + excluded.quantity_milli
