-- people_turn: one after another change who may do what, so that two cannot lock each other out. Until the commit.
SELECT pg_advisory_xact_lock(hashtextextended('people', 0))
