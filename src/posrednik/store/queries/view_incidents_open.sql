-- view_incidents_open: how many incidents wait for a person. out: n
SELECT count(*) AS n FROM incident WHERE state = 'open'
