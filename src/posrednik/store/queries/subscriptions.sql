-- subscriptions: all of them, without secrets. out: id, destination, url, events, division_ref, state, why, made_at,
-- old_secret_until (while the one before a rotation still signs)
SELECT s.id, d.name AS destination, s.url, s.events, s.division_ref, d.state, d.why, s.made_at,
    CASE WHEN s.old_secret_until > now() THEN s.old_secret_until END AS old_secret_until
FROM subscription s JOIN destination d ON d.id = s.destination_id
WHERE d.state <> 'deleted' ORDER BY s.made_at
