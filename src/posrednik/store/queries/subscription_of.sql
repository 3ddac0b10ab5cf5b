-- subscription_of: how to reach a subscriber. in: destination_id. out: id, url, secret, old_secret (during a rotation)
SELECT id, url, secret, CASE WHEN old_secret_until > clock_timestamp() THEN old_secret END AS old_secret
FROM subscription WHERE destination_id = %(destination_id)s
