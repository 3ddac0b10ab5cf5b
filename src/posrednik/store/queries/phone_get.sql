-- phone_get: what is known of a phone's sequence. in: courier_ref, device. out: whole_to, last_seq
SELECT whole_to, last_seq FROM device WHERE courier_ref = %(courier_ref)s AND device = %(device)s
