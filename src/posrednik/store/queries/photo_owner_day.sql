-- photo_owner_day: photos that an owner sent first within the last day. in: owner, now, sha256 (of the one he sends now)
-- out: sent (number), first_at (of the oldest of them; null = none), his (whether this one is his already)
SELECT count(*) AS sent, min(received_at) AS first_at,
    EXISTS (SELECT FROM photo_owner WHERE sha256 = %(sha256)s AND owner = %(owner)s) AS his
FROM photo_owner WHERE owner = %(owner)s AND received_at > %(now)s::timestamptz - interval '1 day'
