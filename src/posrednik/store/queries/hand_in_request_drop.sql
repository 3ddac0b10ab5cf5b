-- hand_in_request_drop: the money was counted. in: courier_ref
DELETE FROM hand_in_request WHERE courier_ref = %(courier_ref)s
