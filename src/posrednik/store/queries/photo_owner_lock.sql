-- photo_owner_lock: the owner's photos are counted and added one after the other; ends with the transaction. in: owner
SELECT pg_advisory_xact_lock(hashtextextended('photos of ' || %(owner)s, 0))
