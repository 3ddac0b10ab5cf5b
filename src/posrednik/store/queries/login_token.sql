-- login_token: a courier's token that ends by itself. in: id, owner, name, hash, expires_at
INSERT INTO token (id, kind, owner, name, hash, expires_at)
VALUES (%(id)s, 'device', %(owner)s, %(name)s, %(hash)s, %(expires_at)s)
