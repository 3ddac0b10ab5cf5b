-- slice_asked: how often this slice was asked for, and whether lately. in: base_id, kind, slice, within_s. out: times, lately
SELECT count(*) AS times, coalesce(bool_or(at > now() - make_interval(secs => %(within_s)s)), false) AS lately
FROM slice_check WHERE base_id = %(base_id)s AND kind = %(kind)s AND slice = %(slice)s AND asked
