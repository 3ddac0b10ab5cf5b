-- secret_add: kept unless there is one; waits for another process that is adding it. in: name, value
INSERT INTO secret (name, value) VALUES (%(name)s, %(value)s) ON CONFLICT (name) DO NOTHING
