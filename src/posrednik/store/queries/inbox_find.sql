-- inbox_find: was this number taken? in: base_id, epoch_no, number. out: body_hash, answer (text)
SELECT body_hash, answer::text AS answer FROM inbox
WHERE base_id = %(base_id)s AND epoch_no = %(epoch_no)s AND number = %(number)s
