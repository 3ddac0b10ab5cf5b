-- board_day: what may stand on the board of one day, in whatever time zone its division is; with what is left over from
-- earlier days if `carry`. in: day, carry, divisions (refs that may be seen, null = all), division, courier (or null), most
-- out: as board_open
SELECT d.id, d.base_id, d.order_ref, d.stage, d.on_board, d.division_ref, d.courier_ref, d.planned_at, d.due_kop,
    d.taken_kop, d.on_hand_kop, d.search, d.changed_at, coalesce(i.n, 0) AS incidents
FROM (
    SELECT id FROM delivery WHERE planned_at >= %(day)s::date::timestamp AT TIME ZONE 'UTC' - interval '14 hours'
        AND planned_at < %(day)s::date::timestamp AT TIME ZONE 'UTC' + interval '38 hours'
    UNION SELECT id FROM delivery WHERE %(carry)s AND on_board
        AND stage IN ('ready', 'picked_up', 'en_route', 'handed_over', 'not_delivered')
) AS chosen JOIN delivery d USING (id)
LEFT JOIN (
    SELECT order_ref, count(*) AS n FROM incident WHERE state = 'open' AND order_ref IS NOT NULL GROUP BY order_ref
) i USING (order_ref)
WHERE (%(divisions)s::text[] IS NULL OR d.division_ref = ANY(%(divisions)s::text[]))
    AND (%(division)s::text IS NULL OR d.division_ref = %(division)s)
    AND (%(courier)s::text IS NULL OR d.courier_ref = %(courier)s)
LIMIT %(most)s
