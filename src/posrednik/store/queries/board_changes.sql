-- board_changes: deliveries that changed, or whose incidents did, since the look with that snapshot: what its look could not
-- see and this one can, so nothing is missed however late and in whatever order transactions commit.
-- in: cursor (a snapshot as text), most. out: cursor (of this look, in each row), incidents_changed, and of each delivery
-- id, moved_from; one row with id null when there is none. The upper bound leaves out what a restored dump says of
-- transactions that this server has not had.
WITH look AS (SELECT pg_current_snapshot() AS now), incidents AS (
    SELECT i.base_id, i.order_ref FROM incident i, look
    WHERE i.changed_xid >= pg_snapshot_xmin(%(cursor)s::pg_snapshot) AND i.changed_xid < pg_snapshot_xmax(look.now)
        AND NOT pg_visible_in_snapshot(i.changed_xid, %(cursor)s::pg_snapshot)
    LIMIT %(most)s
), touched AS (
    SELECT d.id FROM delivery d, look
    WHERE d.changed_xid >= pg_snapshot_xmin(%(cursor)s::pg_snapshot) AND d.changed_xid < pg_snapshot_xmax(look.now)
        AND NOT pg_visible_in_snapshot(d.changed_xid, %(cursor)s::pg_snapshot)
    UNION SELECT d.id FROM incidents i JOIN delivery d ON d.base_id = i.base_id AND d.order_ref = i.order_ref
    LIMIT %(most)s
)
SELECT look.now::text AS cursor, EXISTS (SELECT FROM incidents) AS incidents_changed, d.id, d.moved_from
FROM look LEFT JOIN touched ON true LEFT JOIN delivery d USING (id)
