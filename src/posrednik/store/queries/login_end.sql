-- login_end: a courier's codes that nobody used end now; a new one takes their place. in: courier_ref, kind, now
UPDATE login_code SET expires_at = %(now)s
WHERE courier_ref = %(courier_ref)s AND kind = %(kind)s AND used_at IS NULL AND expires_at > %(now)s
