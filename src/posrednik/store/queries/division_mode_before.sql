-- division_mode_before: the mode before the last switch. in: ref. out: before
SELECT changes #>> '{mode,before}' AS before FROM division_change
WHERE division_ref = %(ref)s AND kind = 'mode' ORDER BY version DESC LIMIT 1
