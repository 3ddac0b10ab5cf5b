-- base_advance: a message was taken. in: base_id, last_accepted
UPDATE base SET last_accepted = %(last_accepted)s WHERE id = %(base_id)s
