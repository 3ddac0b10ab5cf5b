-- Deliveries whose money is not in yet, of whoever handed them over: looked at whenever his cash moves.
CREATE INDEX delivery_to_settle ON delivery ((doc #>> '{handed_over_by,ref}')) WHERE stage = 'handed_over';
