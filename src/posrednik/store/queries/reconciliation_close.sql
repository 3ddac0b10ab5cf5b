-- reconciliation_close: a run that has all it asked for is done, also one that was given up as late. in: run_id
-- out: id if it is done now
UPDATE reconciliation SET state = 'done', finished_at = now()
WHERE id = %(run_id)s AND state <> 'done' AND ended AND sample_left = '{}' RETURNING id
