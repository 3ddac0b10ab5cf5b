-- phone_lock: a phone, locked as it is while it sends (phone_touch). in: courier_ref, device. out: whole_to, last_seq
SELECT whole_to, last_seq FROM device WHERE courier_ref = %(courier_ref)s AND device = %(device)s FOR UPDATE
