-- token_add: in: id, kind, owner, name, hash. A token of the configuration that is there already stays as it is.
INSERT INTO token (id, kind, owner, name, hash) VALUES (%(id)s, %(kind)s, %(owner)s, %(name)s, %(hash)s)
ON CONFLICT (hash) DO NOTHING
