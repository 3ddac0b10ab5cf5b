-- ledger_balances_lock: nobody posts until the commit; readers go on. out: nothing
LOCK TABLE goods_balance, money_balance IN SHARE ROW EXCLUSIVE MODE
