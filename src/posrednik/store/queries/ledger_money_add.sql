-- ledger_money_add: postings of money, and with them the balances. Those of an event that is posted stay as they are.
-- in: arrays event_ids, ns, sources, targets, sums, whys, subject_kinds, subject_ids, couriers, ats
-- out: nothing; the row count is that of the balances touched. Locks the balances' rows in the order of their keys.
WITH posted AS (
    INSERT INTO money_posting (event_id, n, source, target, sum_kop, why, subject_kind, subject_id, courier_ref, at)
    SELECT u.event_id, u.n, u.source, u.target, u.sum_kop, u.why, u.subject_kind, u.subject_id, u.courier_ref, u.at
    FROM unnest(%(event_ids)b::uuid[], %(ns)b::int[], %(sources)b::text[], %(targets)b::text[], %(sums)b::bigint[],
        %(whys)b::text[], %(subject_kinds)b::text[], %(subject_ids)b::text[], %(couriers)b::text[],
        %(ats)b::timestamptz[]) WITH ORDINALITY
        AS u (event_id, n, source, target, sum_kop, why, subject_kind, subject_id, courier_ref, at, position)
    ORDER BY u.position
    ON CONFLICT (event_id, n) DO NOTHING
    RETURNING source, target, sum_kop
), moved AS (
    SELECT source AS account, -sum_kop AS sum_kop FROM posted UNION ALL SELECT target, sum_kop FROM posted
)
INSERT INTO money_balance AS b (account, sum_kop)
SELECT account, sum(sum_kop)::bigint FROM moved GROUP BY account ORDER BY account
ON CONFLICT (account) DO UPDATE SET sum_kop = b.sum_kop + excluded.sum_kop
