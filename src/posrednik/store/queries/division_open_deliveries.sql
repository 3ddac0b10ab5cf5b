-- division_open_deliveries: deliveries of a division that are not over, locked until the commit, in the order of their
-- ids: whoever changes one of them waits. in: ref. out: id
SELECT id FROM delivery
WHERE division_ref = %(ref)s AND on_board AND stage NOT IN ('settled', 'returned', 'cancelled')
ORDER BY id FOR UPDATE
