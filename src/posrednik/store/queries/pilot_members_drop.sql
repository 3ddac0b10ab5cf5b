-- pilot_members_drop: the pilot of a division is over. in: ref
DELETE FROM pilot_delivery WHERE division_ref = %(ref)s
