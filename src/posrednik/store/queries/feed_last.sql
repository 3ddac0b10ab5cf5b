-- feed_last: the cursor of the newest event in the feed. out: last_no
SELECT last_no FROM feed_counter
