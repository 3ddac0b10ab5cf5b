-- destination_renewed: what it is reached by has changed: workers build its connector anew, and an open breaker is
-- probed at once. in: name. out: id
UPDATE destination SET revision = revision + 1,
    breaker_until = CASE WHEN breaker = 'closed' THEN NULL ELSE clock_timestamp() END
WHERE name = %(name)s RETURNING id
