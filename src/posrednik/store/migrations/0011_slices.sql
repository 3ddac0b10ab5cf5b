-- Comparisons of slices with the bases (contract.md §2, `digest`), and what a restored base has not confirmed yet.

-- One comparison of a slice: a kind, and of documents a month of the base's calendar. The history of reconciliation.
-- Without counts: nothing was compared, a person asked for the slice.
CREATE TABLE slice_check (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    base_id uuid NOT NULL REFERENCES base,
    kind text NOT NULL,
    slice text NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    epoch_no integer NOT NULL,
    theirs_count bigint,
    ours_count bigint,
    equal boolean,
    asked boolean NOT NULL,
    CONSTRAINT compared_whole CHECK ((theirs_count IS NULL) = (equal IS NULL) AND (ours_count IS NULL) = (equal IS NULL)),
    CONSTRAINT only_what_differs_is_asked_for CHECK (equal IS NULL OR NOT (equal AND asked))
);
CREATE INDEX slice_check_of ON slice_check (base_id, kind, slice, id);
CREATE INDEX slice_check_by_time ON slice_check (at);

-- What the base sent up to this rank it sent before it was restored from a copy: it may have lost it.
ALTER TABLE base ADD COLUMN doubt_epoch_no integer NOT NULL DEFAULT 0;
ALTER TABLE base ADD COLUMN doubt_number bigint NOT NULL DEFAULT 0;

CREATE INDEX incident_of_objects ON incident (base_id) WHERE state = 'open' AND subject_kind = 'object';
CREATE INDEX mirror_document_of_month ON mirror (base_id, kind, (data ->> 'date')) WHERE data ->> 'date' IS NOT NULL;
