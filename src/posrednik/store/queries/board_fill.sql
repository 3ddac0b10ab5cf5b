-- board_fill: the board's columns of these deliveries; nobody's board is told, since nothing happened to them.
-- in: arrays ids, planned_ats, dues, takens, on_hands, searches
UPDATE delivery d SET planned_at = u.planned_at, due_kop = u.due, taken_kop = u.taken, on_hand_kop = u.on_hand,
    search = u.search
FROM unnest(%(ids)b::uuid[], %(planned_ats)b::timestamptz[], %(dues)b::bigint[], %(takens)b::bigint[],
    %(on_hands)b::bigint[], %(searches)b::text[]) AS u (id, planned_at, due, taken, on_hand, search)
WHERE d.id = u.id
