-- base_arrival: number the arrival of a single command, which has no message number. in: base_id. out: arrivals
UPDATE base SET arrivals = arrivals + 1 WHERE id = %(base_id)s RETURNING arrivals
