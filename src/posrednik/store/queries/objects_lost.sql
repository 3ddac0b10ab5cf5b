-- objects_lost: open incidents about objects that bases lost in a restore. out: base_id, n
SELECT base_id, count(*) AS n FROM incident
WHERE state = 'open' AND kind = 'does_not_agree' AND subject_kind = 'object' GROUP BY base_id
