-- feed_lock: one at a time numbers events for the feed. out: last_no
SELECT last_no FROM feed_counter FOR UPDATE
