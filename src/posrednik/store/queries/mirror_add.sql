-- mirror_add: objects that were never here, as COPY's text format; the base's lock keeps others away.
-- in: rows. The fastest way in: a first load is little else.
COPY mirror (base_id, kind, ref, version, hash, epoch_no, number, idx, deleted, posted, event_id, data) FROM STDIN
