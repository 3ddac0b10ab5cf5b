-- board_cash: what couriers hold now, of those for whom it changed since the look with that snapshot. in: cursor
-- out: courier_ref, sum_kop, division_ref (null = 1C has told nothing of him). Few rows are looked at: one a courier.
SELECT substr(b.account, 6) AS courier_ref, b.sum_kop,
    (SELECT m.data ->> 'division' FROM mirror m WHERE m.kind = 'courier' AND m.ref = substr(b.account, 6) LIMIT 1)
        AS division_ref
FROM money_balance b
WHERE b.account LIKE 'cash:%%' AND b.changed_xid >= pg_snapshot_xmin(%(cursor)s::pg_snapshot)
    AND NOT pg_visible_in_snapshot(b.changed_xid, %(cursor)s::pg_snapshot)
