-- board_open: what may stand on the board that shows now: all that is open, what changed within a day, and whatever has
-- exactly the number that was typed. in: number (or null), divisions (refs that may be seen, null = all), division,
-- courier (or null), most. out: as domain.board.Seen wants it, with id, base_id, order_ref, on_hand_kop. In no order.
SELECT d.id, d.base_id, d.order_ref, d.stage, d.on_board, d.division_ref, d.courier_ref, d.planned_at, d.due_kop,
    d.taken_kop, d.on_hand_kop, d.search, d.changed_at, coalesce(i.n, 0) AS incidents
FROM (
    SELECT id FROM delivery WHERE on_board AND stage IN ('ready', 'picked_up', 'en_route', 'handed_over', 'not_delivered')
    UNION SELECT id FROM delivery WHERE changed_at > now() - interval '1 day'
    UNION SELECT id FROM delivery WHERE order_number = %(number)s
) AS chosen JOIN delivery d USING (id)
LEFT JOIN (
    SELECT order_ref, count(*) AS n FROM incident WHERE state = 'open' AND order_ref IS NOT NULL GROUP BY order_ref
) i USING (order_ref)
WHERE (%(divisions)s::text[] IS NULL OR d.division_ref = ANY(%(divisions)s::text[]))
    AND (%(division)s::text IS NULL OR d.division_ref = %(division)s)
    AND (%(courier)s::text IS NULL OR d.courier_ref = %(courier)s)
LIMIT %(most)s
