-- trade_turn: whoever comes with the same name waits for the end of this transaction. in: name
SELECT pg_advisory_xact_lock(hashtextextended(%(name)s, 0))
