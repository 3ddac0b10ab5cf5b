-- slice_check_add: in: base_id, kind, slice, epoch_no, theirs_count, ours_count, equal, asked
INSERT INTO slice_check (base_id, kind, slice, epoch_no, theirs_count, ours_count, equal, asked)
VALUES (%(base_id)s, %(kind)s, %(slice)s, %(epoch_no)s, %(theirs_count)s, %(ours_count)s, %(equal)s, %(asked)s)
