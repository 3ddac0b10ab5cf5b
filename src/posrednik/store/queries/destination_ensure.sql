-- destination_ensure: the destination of a name, made if new. in: name, kind. out: id
INSERT INTO destination AS d (name, kind) VALUES (%(name)s, %(kind)s)
ON CONFLICT (name) DO UPDATE SET state = CASE WHEN d.state = 'deleted' THEN 'open' ELSE d.state END
RETURNING id
