-- bases_doubted: bases that were restored and have not confirmed everything. out: id, name, doubt_at
SELECT id, name, doubt_at FROM base WHERE doubt_epoch_no > 0 ORDER BY id
