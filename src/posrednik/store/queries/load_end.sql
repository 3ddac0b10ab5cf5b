-- load_end: the runner is through, or cannot go on. in: id, runner, state, notes (JSON text of a list, added)
UPDATE load SET state = %(state)s, runner = NULL, lease_until = NULL, notes = notes || %(notes)s::jsonb,
    finished_at = CASE WHEN %(state)s = 'done' THEN now() END
WHERE id = %(id)s AND runner = %(runner)s AND state = 'running'
