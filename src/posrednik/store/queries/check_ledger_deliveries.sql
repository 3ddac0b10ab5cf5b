-- check_ledger_deliveries: must be true: of each delivery, the ledgers have with every courier the goods that he carries
-- and the cash that he took less what he refunded. Who handed over what another had handed over, has less than nothing
-- of it. Deliveries changed in two days. out: subject, what
WITH recent AS MATERIALIZED (
    SELECT id, doc FROM delivery WHERE changed_at > now() - interval '2 days' AND doc ? 'cash_refunds_kop'
), lines AS (
    SELECT r.id, r.doc #>> '{holder,ref}' AS courier, l.line, l.product, l.characteristic,
        l.picked_milli - l.accepted_milli + l.returned_milli - l.given_back_milli AS carried_milli
    FROM recent r CROSS JOIN jsonb_to_recordset(r.doc -> 'lines') AS l (line text, product text, characteristic text,
        picked_milli bigint, accepted_milli bigint, returned_milli bigint, given_back_milli bigint)
), others AS (
    SELECT r.id, o.by ->> 'ref' AS courier, o.accepted_milli AS accepted, o.amount_taken_kop, o.payment_method
    FROM recent r CROSS JOIN jsonb_to_recordset(r.doc -> 'other_steps')
        AS o (action text, by jsonb, accepted_milli jsonb, amount_taken_kop bigint, payment_method text)
    WHERE o.action = 'hand_over'
), goods AS (
    SELECT id, 'orders:' || courier AS account, product, characteristic, carried_milli AS amount FROM lines
    WHERE courier IS NOT NULL
    UNION ALL
    SELECT o.id, 'orders:' || o.courier, l.product, l.characteristic, -coalesce((o.accepted ->> l.line)::bigint, 0)
    FROM others o JOIN lines l USING (id)
    UNION ALL
    SELECT r.id, a.account, p.product, p.characteristic, a.sign * p.quantity_milli
    FROM recent r JOIN goods_posting p ON p.subject_kind = 'delivery' AND p.subject_id = r.id::text
    CROSS JOIN LATERAL (VALUES (p.source, 1), (p.target, -1)) AS a (account, sign)
    WHERE starts_with(a.account, 'orders:')
), cash AS (
    SELECT id, 'cash:' || (doc #>> '{handed_over_by,ref}') AS account,
        coalesce((doc ->> 'amount_taken_kop')::bigint, 0) AS amount
    FROM recent WHERE doc ->> 'payment_method' = 'cash' AND doc #>> '{handed_over_by,ref}' IS NOT NULL
    UNION ALL SELECT id, 'cash:' || courier, coalesce(amount_taken_kop, 0) FROM others WHERE payment_method = 'cash'
    UNION ALL
    SELECT r.id, 'cash:' || f.key, -f.value::bigint FROM recent r CROSS JOIN jsonb_each_text(
        CASE jsonb_typeof(r.doc -> 'cash_refunds_kop') WHEN 'object' THEN r.doc -> 'cash_refunds_kop' ELSE '{}' END) AS f
    UNION ALL
    SELECT r.id, a.account, a.sign * p.sum_kop
    FROM recent r JOIN money_posting p ON p.subject_kind = 'delivery' AND p.subject_id = r.id::text
    CROSS JOIN LATERAL (VALUES (p.source, 1), (p.target, -1)) AS a (account, sign)
    WHERE starts_with(a.account, 'cash:')
)
SELECT 'delivery ' || id AS subject, account || ': ' || product || ' differs by ' || sum(amount) AS what
FROM goods GROUP BY id, account, product, characteristic HAVING sum(amount) <> 0
UNION ALL
SELECT 'delivery ' || id, account || ' differs by ' || sum(amount) FROM cash GROUP BY id, account HAVING sum(amount) <> 0
LIMIT 20
