-- The ledgers of goods and money. Old events are posted by store/ledger.py, rebuild.

-- A posting moves a positive amount from one account to another; n counts the postings of its event.
CREATE TABLE goods_posting (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event_id uuid NOT NULL,
    n integer NOT NULL,
    source text NOT NULL,
    target text NOT NULL,
    product text NOT NULL,
    characteristic text,
    quantity_milli bigint NOT NULL,
    why text NOT NULL,
    subject_kind text NOT NULL,
    subject_id text NOT NULL,
    courier_ref text NOT NULL,
    at timestamptz NOT NULL,
    posted_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT goods_posted_once UNIQUE (event_id, n),
    CONSTRAINT goods_posting_of_something CHECK (quantity_milli > 0),
    CONSTRAINT goods_posting_goes_somewhere CHECK (source <> target)
);
CREATE INDEX goods_posting_of_subject ON goods_posting (subject_kind, subject_id);
CREATE INDEX goods_posting_of_courier ON goods_posting (courier_ref, at);

CREATE TABLE money_posting (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event_id uuid NOT NULL,
    n integer NOT NULL,
    source text NOT NULL,
    target text NOT NULL,
    sum_kop bigint NOT NULL,
    why text NOT NULL,
    subject_kind text NOT NULL,
    subject_id text NOT NULL,
    courier_ref text NOT NULL,
    at timestamptz NOT NULL,
    posted_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT money_posted_once UNIQUE (event_id, n),
    CONSTRAINT money_posting_of_something CHECK (sum_kop > 0),
    CONSTRAINT money_posting_goes_somewhere CHECK (source <> target)
);
CREATE INDEX money_posting_of_subject ON money_posting (subject_kind, subject_id);
CREATE INDEX money_posting_of_courier ON money_posting (courier_ref, at);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: a wrong posting is reversed by a further one', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER goods_posting_is_appended BEFORE UPDATE OR DELETE OR TRUNCATE ON goods_posting
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER money_posting_is_appended BEFORE UPDATE OR DELETE OR TRUNCATE ON money_posting
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Sums of the postings, kept by the statement that adds them; a check sums them up again and compares.
CREATE TABLE goods_balance (
    account text NOT NULL,
    product text NOT NULL,
    characteristic text,
    quantity_milli bigint NOT NULL,
    CONSTRAINT one_goods_balance UNIQUE NULLS NOT DISTINCT (account, product, characteristic)
) WITH (fillfactor = 70);

CREATE TABLE money_balance (
    account text PRIMARY KEY,
    sum_kop bigint NOT NULL
) WITH (fillfactor = 70);
