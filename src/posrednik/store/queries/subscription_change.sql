-- subscription_change: new settings; a rotation keeps the old secret signing until its end. in: id, url, events,
-- division_ref, secret, old_secret, overlap_s. The new revision makes workers take the settings over.
WITH changed AS (
    UPDATE subscription SET url = %(url)s, events = %(events)s, division_ref = %(division_ref)s, secret = %(secret)s,
        old_secret = CASE WHEN %(old_secret)s::text IS NULL THEN old_secret ELSE %(old_secret)s END,
        old_secret_until = CASE WHEN %(old_secret)s::text IS NULL THEN old_secret_until
                                ELSE clock_timestamp() + make_interval(secs => %(overlap_s)s) END
    WHERE id = %(id)s RETURNING destination_id
)
UPDATE destination SET revision = revision + 1 WHERE id IN (SELECT destination_id FROM changed)
