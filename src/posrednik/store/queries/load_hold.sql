-- load_hold: the runner keeps its lease and notes how far it is; locks the load. in: id, runner, lease_s, rows, rate
-- out: rows_read before this; no row: it was stopped, or another reads now
UPDATE load SET rows_read = rows_read + %(rows)s, rate = %(rate)s, lease_until = now() + make_interval(secs => %(lease_s)s)
WHERE id = %(id)s AND runner = %(runner)s AND state = 'running'
RETURNING rows_read - %(rows)s AS before
