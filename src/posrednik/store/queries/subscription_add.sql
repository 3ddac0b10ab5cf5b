-- subscription_add: in: id, destination_id, url, events, secret, division_ref
INSERT INTO subscription (id, destination_id, url, events, secret, division_ref)
VALUES (%(id)s, %(destination_id)s, %(url)s, %(events)s, %(secret)s, %(division_ref)s)
ON CONFLICT (id) DO UPDATE SET url = excluded.url, events = excluded.events, secret = excluded.secret,
    division_ref = excluded.division_ref
