-- outgoing_skip: events get greater numbers than this from now on. in: base_id, number. Runs under outgoing_lock.
UPDATE outgoing_counter SET skipped = skipped + greatest(0, %(number)s - last_number), last_number = greatest(last_number, %(number)s)
WHERE base_id = %(base_id)s
