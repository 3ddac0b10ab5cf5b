-- load_claim: become the one who reads. in: id, runner, lease_s, force (also from another who may still live).
-- out: id, base_id, rows_read, rate
UPDATE load SET runner = %(runner)s, lease_until = now() + make_interval(secs => %(lease_s)s)
WHERE id = %(id)s AND state = 'running'
    AND (%(force)s OR runner IS NULL OR runner = %(runner)s OR lease_until < now())
RETURNING id, base_id, rows_read, rate
