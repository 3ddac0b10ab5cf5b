-- base_doubt: the base was restored from a copy. in: base_id, epoch_no, number
UPDATE base SET doubt_epoch_no = %(epoch_no)s, doubt_number = %(number)s WHERE id = %(base_id)s
