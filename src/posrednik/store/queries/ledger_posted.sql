-- ledger_posted: how many events have posted anything. Reads the ledgers whole. out: events
SELECT count(*) AS events FROM (SELECT event_id FROM goods_posting UNION SELECT event_id FROM money_posting) x
