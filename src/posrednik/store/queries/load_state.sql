-- load_state: the open load of a base changes its state; who reads it sees that at its next page. in: base_id, state, was
-- (array). out: id; no row if there is none in one of those states
UPDATE load SET state = %(state)s, runner = NULL, lease_until = NULL WHERE base_id = %(base_id)s AND state = ANY(%(was)s)
RETURNING id
