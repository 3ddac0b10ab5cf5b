-- slice_check_add: in: base_id, kind, slice, epoch_no, theirs_count, ours_count, equal, asked, run_id (null = of no run)
INSERT INTO slice_check (base_id, kind, slice, epoch_no, theirs_count, ours_count, equal, asked, run_id)
VALUES (%(base_id)s, %(kind)s, %(slice)s, %(epoch_no)s, %(theirs_count)s, %(ours_count)s, %(equal)s, %(asked)s, %(run_id)s)
