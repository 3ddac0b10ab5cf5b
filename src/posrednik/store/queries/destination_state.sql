-- destination_state: open, pause or disable a destination. in: destination_id, state, why
UPDATE destination SET state = %(state)s, why = %(why)s WHERE id = %(destination_id)s
