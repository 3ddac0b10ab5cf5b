-- bucket_slow: the destination refused a call as one too many. in: name, tokens (below 0: nobody calls until it is
-- filled again), learned (calls a second; null = as before)
-- After bucket_fill in the same transaction, which holds the row.
UPDATE bucket SET tokens = least(tokens, %(tokens)s), refused = refused + 1,
    learned = coalesce(%(learned)s, learned),
    slowed_at = CASE WHEN %(learned)s IS NULL THEN slowed_at ELSE clock_timestamp() END
WHERE name = %(name)s
