-- login_turn: codes of one courier are made one after the other; until the commit. in: courier_ref
SELECT pg_advisory_xact_lock(hashtextextended('login_code' || chr(10) || %(courier_ref)s, 0))
