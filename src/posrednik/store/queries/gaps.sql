-- gaps: what is missing in the numbers of a base. in: base_id, epoch_no. out: first_number, last_number
SELECT first_number, last_number FROM base_gap
WHERE base_id = %(base_id)s AND epoch_no = %(epoch_no)s ORDER BY first_number LIMIT 1000
