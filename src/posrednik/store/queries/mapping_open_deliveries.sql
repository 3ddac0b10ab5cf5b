-- mapping_open_deliveries: deliveries of a courier that are not over, locked until the commit, in the order of their ids.
-- in: ref. out: id
SELECT id FROM delivery
WHERE courier_ref = %(ref)s AND on_board AND stage IN ('ready', 'picked_up', 'en_route', 'handed_over', 'not_delivered')
ORDER BY id FOR UPDATE
