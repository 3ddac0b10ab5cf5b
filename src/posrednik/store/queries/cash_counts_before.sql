-- cash_counts_before: sums that were counted and given up since the last hand-in of a courier. in: courier_ref. out: counted_kop
SELECT counted_kop FROM cash_count c WHERE courier_ref = %(courier_ref)s AND state = 'given_up' AND made_at > coalesce(
    (SELECT max(at) FROM cash_entry e WHERE e.courier_ref = c.courier_ref AND kind = 'handed_in'), '-infinity')
ORDER BY made_at
