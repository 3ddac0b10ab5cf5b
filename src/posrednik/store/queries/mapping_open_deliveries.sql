-- mapping_open_deliveries: deliveries of couriers that are not over, locked until the commit, in the order of their ids.
-- in: refs. out: id
SELECT id FROM delivery
WHERE courier_ref = ANY(%(refs)s::text[]) AND on_board AND stage IN ('ready', 'picked_up', 'en_route', 'handed_over', 'not_delivered')
ORDER BY id FOR UPDATE
