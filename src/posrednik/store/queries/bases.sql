-- bases: all of them, for pages and the command line. out: id, name, time_zone, mode, encoding, epoch, epoch_no, last_accepted
SELECT id, name, time_zone, mode, encoding, epoch, epoch_no, instance, last_accepted FROM base ORDER BY name
