-- courier_deliveries: what a courier's phone needs: his, those whose goods he has, those of today. in: courier_ref, since
-- out: doc (text)
SELECT doc::text AS doc FROM delivery
WHERE (courier_ref = %(courier_ref)s OR doc #>> '{holder,ref}' = %(courier_ref)s)
    AND (doc #>> '{holder,ref}' = %(courier_ref)s OR changed_at >= %(since)s
        OR on_board AND stage IN ('ready', 'picked_up', 'en_route', 'handed_over', 'not_delivered'))
ORDER BY changed_at DESC LIMIT 500
