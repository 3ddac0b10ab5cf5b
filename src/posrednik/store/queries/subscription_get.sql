-- subscription_get: one subscriber, locked. in: id. out: id, destination_id, url, events, division_ref, secret, state, why
SELECT s.id, s.destination_id, s.url, s.events, s.division_ref, s.secret, d.state, d.why, s.made_at
FROM subscription s JOIN destination d ON d.id = s.destination_id
WHERE s.id = %(id)s AND d.state <> 'deleted' FOR UPDATE OF s
