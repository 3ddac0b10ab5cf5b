-- base_epoch_add: in: base_id, epoch, epoch_no, reason, last_accepted (of the epoch before)
INSERT INTO base_epoch (base_id, epoch, epoch_no, reason, last_accepted)
VALUES (%(base_id)s, %(epoch)s, %(epoch_no)s, %(reason)s, %(last_accepted)s)
