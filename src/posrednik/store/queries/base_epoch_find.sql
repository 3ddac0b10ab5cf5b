-- base_epoch_find: was this epoch ever here? in: base_id, epoch. out: epoch_no
SELECT epoch_no FROM base_epoch WHERE base_id = %(base_id)s AND epoch = %(epoch)s
