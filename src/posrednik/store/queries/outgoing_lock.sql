-- outgoing_lock: one call at a time hands out or takes back events of a base. in: base_id. out: last_number
INSERT INTO outgoing_counter AS c (base_id) VALUES (%(base_id)s)
ON CONFLICT (base_id) DO UPDATE SET last_number = c.last_number RETURNING c.last_number
