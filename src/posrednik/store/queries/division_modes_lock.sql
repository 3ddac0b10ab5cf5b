-- division_modes_lock: against division_modes of schema_division.sql: nobody sends while the mode changes. in: ref
SELECT pg_advisory_xact_lock(hashtext('division'), hashtext(%(ref)s))
