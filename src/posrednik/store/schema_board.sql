-- The board: what it finds deliveries by, the transaction of every change for its stream, comments. Made after
-- schema_ledgers.sql. See docs/subsystems/board.md.

-- planned_at, sums, search: domain/board.py; NULL in rows that are older than these columns, until a worker fills them.
-- moved_from: the division that had it before. changed_xid: the transaction of the last change; a reader who knows the
-- snapshot of his last look finds by it exactly what was committed since, in whatever order.
ALTER TABLE delivery
    ADD COLUMN planned_at timestamptz,
    ADD COLUMN due_kop bigint,
    ADD COLUMN taken_kop bigint,
    ADD COLUMN on_hand_kop bigint,
    ADD COLUMN search text,
    ADD COLUMN moved_from text,
    ADD COLUMN comments integer NOT NULL DEFAULT 0,
    ADD COLUMN changed_xid xid8;
ALTER TABLE incident ADD COLUMN changed_xid xid8;
ALTER TABLE money_balance ADD COLUMN changed_xid xid8;

CREATE FUNCTION note_transaction() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.changed_xid := pg_current_xact_id();
    RETURN NEW;
END
$$;
CREATE TRIGGER delivery_notes_transaction BEFORE INSERT OR UPDATE OF doc, comments ON delivery
    FOR EACH ROW EXECUTE FUNCTION note_transaction();
CREATE TRIGGER incident_notes_transaction BEFORE INSERT OR UPDATE ON incident
    FOR EACH ROW EXECUTE FUNCTION note_transaction();
CREATE TRIGGER money_balance_notes_transaction BEFORE INSERT OR UPDATE ON money_balance
    FOR EACH ROW EXECUTE FUNCTION note_transaction();

DROP INDEX delivery_on_board;
CREATE INDEX delivery_open ON delivery (changed_at)
    WHERE on_board AND stage IN ('ready', 'picked_up', 'en_route', 'handed_over', 'not_delivered');
CREATE INDEX delivery_by_change ON delivery (changed_at);
CREATE INDEX delivery_planned ON delivery (planned_at);
CREATE INDEX delivery_by_transaction ON delivery (changed_xid);
CREATE INDEX delivery_not_filled ON delivery (id) WHERE planned_at IS NULL;
CREATE INDEX incident_by_transaction ON incident (changed_xid);
CREATE INDEX incident_open_of_order ON incident (order_ref) WHERE state = 'open' AND order_ref IS NOT NULL;

CREATE TABLE delivery_comment (
    id uuid PRIMARY KEY,
    delivery_id uuid NOT NULL REFERENCES delivery,
    at timestamptz NOT NULL,
    author text NOT NULL,
    text text NOT NULL,
    CONSTRAINT comment_says_something CHECK (length(text) BETWEEN 1 AND 2000)
);
CREATE INDEX delivery_comment_of ON delivery_comment (delivery_id, at);
