-- base_bind: a new epoch begins (or a base moves its instance). in: base_id, epoch, epoch_no, instance, last_accepted
UPDATE base SET epoch = %(epoch)s, epoch_no = %(epoch_no)s, instance = %(instance)s, last_accepted = %(last_accepted)s
WHERE id = %(base_id)s
