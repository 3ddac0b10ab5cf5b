-- parked_give_up: steps of a phone that waited too long for an earlier one are refused; their device is locked before.
-- in: courier_ref, device, before, code, message. out: id, seq, type, delivery_id, occurred_at
UPDATE courier_event SET state = 'rejected', code = %(code)s, message = %(message)s
WHERE courier_ref = %(courier_ref)s AND device = %(device)s AND state = 'parked' AND received_at < %(before)s
RETURNING id, seq, type, delivery_id, occurred_at
