-- secret_get: in: name. out: value
SELECT value FROM secret WHERE name = %(name)s
