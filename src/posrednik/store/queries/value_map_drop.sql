-- value_map_drop: a value means itself again. in: id
DELETE FROM value_map WHERE id = %(id)s
