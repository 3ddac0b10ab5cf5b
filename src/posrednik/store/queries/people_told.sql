-- people_told: people of the office who can be told something by the portal. out: bitrix24_user, roles, divisions
SELECT bitrix24_user, roles, divisions FROM person WHERE active AND bitrix24_user IS NOT NULL ORDER BY login
