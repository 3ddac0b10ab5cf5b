-- value_map_put: a value means another from now on. in: base_id, kind, field, theirs, ours, who, at. out: id
INSERT INTO value_map (base_id, kind, field, theirs, ours, made_by, made_at)
VALUES (%(base_id)s, %(kind)s, %(field)s, %(theirs)s, %(ours)s, %(who)s, %(at)s)
ON CONFLICT ON CONSTRAINT one_meaning
DO UPDATE SET ours = EXCLUDED.ours, made_by = EXCLUDED.made_by, made_at = EXCLUDED.made_at
RETURNING id
