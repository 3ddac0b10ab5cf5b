-- parked_give_up: steps of a phone that waited too long for an earlier one are refused; their device is locked before.
-- in: courier_ref, device, before, code, message. out: id, delivery_id, order_ref
UPDATE courier_event SET state = 'rejected', code = %(code)s, message = %(message)s
WHERE courier_ref = %(courier_ref)s AND device = %(device)s AND state = 'parked' AND received_at < %(before)s
RETURNING id, delivery_id, order_ref
