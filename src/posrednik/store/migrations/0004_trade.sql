-- Backpacks, quick sales and cash: their state beside the ledgers. What is where and who owes what is in the ledgers.

CREATE TABLE backpack (
    courier_ref text PRIMARY KEY,
    version bigint NOT NULL,
    doc jsonb NOT NULL
);

-- Loads of backpacks, each by a command of 1C or by a transfer document; kept, so that a repeat or an undo is known.
CREATE TABLE backpack_load (
    id uuid PRIMARY KEY,
    courier_ref text NOT NULL,
    document text,
    doc jsonb NOT NULL
);
CREATE UNIQUE INDEX one_load_of_a_document ON backpack_load (courier_ref, document) WHERE document IS NOT NULL;

CREATE TABLE sale (
    id uuid PRIMARY KEY,
    courier_ref text NOT NULL,
    division_ref text NOT NULL,
    made_at timestamptz NOT NULL,
    version bigint NOT NULL,
    doc jsonb NOT NULL
);
CREATE INDEX sale_of_courier ON sale (courier_ref, made_at);

CREATE TABLE cash_book (
    courier_ref text PRIMARY KEY,
    version bigint NOT NULL,
    doc jsonb NOT NULL
);

CREATE TABLE cash_entry (
    id uuid PRIMARY KEY,
    courier_ref text NOT NULL,
    kind text NOT NULL,
    at timestamptz NOT NULL,
    doc jsonb NOT NULL,
    CONSTRAINT cash_entry_kind_known CHECK (kind IN ('change_issued', 'handed_in'))
);
CREATE INDEX cash_entry_of_courier ON cash_entry (courier_ref, at);

-- A blind count that differs waits here for a reason and a second name; the sum was typed before anything was shown.
CREATE TABLE cash_count (
    id uuid PRIMARY KEY,
    courier_ref text NOT NULL,
    counted_kop bigint NOT NULL,
    declared_kop bigint,
    receiver text NOT NULL,
    state text NOT NULL,
    made_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT cash_count_state_known CHECK (state IN ('open', 'posted', 'given_up'))
);
CREATE INDEX cash_count_open ON cash_count (courier_ref) WHERE state = 'open';

-- «Сдать» on the phone: the sum that the courier wants to hand in, and the code by which the cashier finds him.
CREATE TABLE hand_in_request (
    courier_ref text PRIMARY KEY,
    sum_kop bigint NOT NULL,
    code text NOT NULL,
    asked_at timestamptz NOT NULL
);

CREATE INDEX mirror_price_of_product ON mirror ((data ->> 'product')) WHERE kind = 'price';
