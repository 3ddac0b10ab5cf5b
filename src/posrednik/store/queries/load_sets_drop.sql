-- load_sets_drop: a load begins anew: what it had read is read again. in: id
DELETE FROM load_set WHERE load_id = %(id)s
