-- person_came_in: in: id, now
UPDATE person SET last_at = %(now)s WHERE id = %(id)s
