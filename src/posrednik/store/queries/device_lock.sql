-- device_lock: a phone that was here before, locked until the commit. in: courier_ref, device. out: token_id (NULL = none)
SELECT token_id FROM device WHERE courier_ref = %(courier_ref)s AND device = %(device)s FOR UPDATE
