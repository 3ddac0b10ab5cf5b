-- board_incidents: how many incidents are open. out: division_ref, n
SELECT division_ref, count(*) AS n FROM incident WHERE state = 'open' GROUP BY division_ref
