-- slice_history: comparisons of one slice, newest first. in: base_id, kind, slice, limit. out: at, theirs_count, ours_count, equal, asked
SELECT at, theirs_count, ours_count, equal, asked FROM slice_check
WHERE base_id = %(base_id)s AND kind = %(kind)s AND slice = %(slice)s ORDER BY id DESC LIMIT %(limit)s
