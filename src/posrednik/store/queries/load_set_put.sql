-- load_set_put: how far a set is. in: id, place, state, done, bad, theirs, ours, position, differing (JSON texts)
UPDATE load_set SET state = %(state)s, done = %(done)s, bad = %(bad)s, theirs = %(theirs)s, ours = %(ours)s,
    position = %(position)s::jsonb, differing = %(differing)s::jsonb
WHERE load_id = %(id)s AND place = %(place)s
