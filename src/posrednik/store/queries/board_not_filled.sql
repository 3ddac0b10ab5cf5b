-- board_not_filled: deliveries from before the board's columns, locked. in: most. out: doc (text)
SELECT doc::text AS doc FROM delivery WHERE planned_at IS NULL ORDER BY id LIMIT %(most)s FOR UPDATE SKIP LOCKED
