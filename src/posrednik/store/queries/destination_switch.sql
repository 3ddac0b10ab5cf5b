-- destination_switch: pause a destination or let it go on. in: destination_id, state (open or paused), why
-- out: name, was. Locks it. A deleted one stays deleted.
WITH old AS (
    SELECT id, state FROM destination WHERE id = %(destination_id)s AND state <> 'deleted' FOR UPDATE
)
UPDATE destination d SET state = %(state)s, why = %(why)s FROM old WHERE d.id = old.id
RETURNING d.name, old.state AS was
