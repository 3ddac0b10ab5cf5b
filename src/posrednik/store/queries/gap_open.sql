-- gap_open: numbers that were jumped over. in: base_id, epoch_no, first_number, last_number
INSERT INTO base_gap (base_id, epoch_no, first_number, last_number)
VALUES (%(base_id)s, %(epoch_no)s, %(first_number)s, %(last_number)s)
