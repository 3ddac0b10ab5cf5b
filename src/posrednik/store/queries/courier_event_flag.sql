-- courier_event_flag: a photo that came later made a step doubtful. in: id, flags (JSON list to append)
UPDATE courier_event SET flags = flags || %(flags)s::jsonb WHERE id = %(id)s
