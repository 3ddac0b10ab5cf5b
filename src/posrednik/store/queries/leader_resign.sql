-- leader_resign: give a duty up at once, so that nobody waits for the end of the time. in: duty, holder
DELETE FROM leader WHERE duty = %(duty)s AND holder = %(holder)s
