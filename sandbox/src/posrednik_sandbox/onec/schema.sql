-- The emulated infobase. `object` holds catalogs and documents as the wire wants them, `dirty` is the own register of
-- changes (one row per object, its mark changes at every write), `command` the ordered button presses,
-- `message` the packed bytes, `event` what was applied from Posrednik.
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS object (
    kind TEXT NOT NULL, ref TEXT NOT NULL, version TEXT NOT NULL, deleted INTEGER NOT NULL DEFAULT 0,
    posted INTEGER NOT NULL DEFAULT 1, event TEXT, data TEXT NOT NULL,
    PRIMARY KEY (kind, ref)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS dirty (
    kind TEXT NOT NULL, ref TEXT NOT NULL, mark TEXT NOT NULL, rank INTEGER NOT NULL, at TEXT NOT NULL,
    place INTEGER NOT NULL,
    PRIMARY KEY (kind, ref)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS dirty_order ON dirty (rank, place);

CREATE TABLE IF NOT EXISTS command (
    position INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, type TEXT NOT NULL, order_ref TEXT NOT NULL,
    data TEXT NOT NULL, issued_at TEXT NOT NULL, issued_by TEXT NOT NULL, packed_in INTEGER,
    status TEXT NOT NULL DEFAULT 'queued', code TEXT, message TEXT, result TEXT, answered_at TEXT, via TEXT,
    CONSTRAINT command_status CHECK (status IN ('queued', 'done', 'waiting', 'rejected'))
);
CREATE INDEX IF NOT EXISTS command_queue ON command (position) WHERE status = 'queued';
CREATE INDEX IF NOT EXISTS command_of_order ON command (order_ref, position);

CREATE TABLE IF NOT EXISTS message (
    epoch TEXT NOT NULL, number INTEGER NOT NULL, body BLOB NOT NULL, marks TEXT NOT NULL, commands TEXT NOT NULL,
    created_at TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, state TEXT NOT NULL DEFAULT 'waiting',
    last_error TEXT, answer TEXT, answered_at TEXT,
    PRIMARY KEY (epoch, number),
    CONSTRAINT message_state CHECK (state IN ('waiting', 'sent', 'dropped'))
) WITHOUT ROWID;
CREATE UNIQUE INDEX IF NOT EXISTS one_message_on_its_way ON message (state) WHERE state = 'waiting';

CREATE TABLE IF NOT EXISTS order_card (
    ref TEXT PRIMARY KEY, position INTEGER NOT NULL, number TEXT NOT NULL, site_number TEXT, recipient TEXT NOT NULL,
    ready INTEGER NOT NULL DEFAULT 0, stage TEXT, stage_version INTEGER NOT NULL DEFAULT 0, courier TEXT,
    amount_due TEXT, delivery_price TEXT, created_at TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS order_card_position ON order_card (position);

CREATE TABLE IF NOT EXISTS event (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, number INTEGER NOT NULL, type TEXT NOT NULL,
    subject_kind TEXT NOT NULL, subject_id TEXT NOT NULL, order_ref TEXT, version INTEGER NOT NULL,
    occurred_at TEXT, body TEXT NOT NULL, applied_at TEXT NOT NULL, seen INTEGER NOT NULL DEFAULT 1,
    in_order INTEGER NOT NULL DEFAULT 1, acked_at TEXT
);
CREATE INDEX IF NOT EXISTS event_subject ON event (subject_kind, subject_id, seq);
CREATE INDEX IF NOT EXISTS event_order ON event (order_ref, seq);
CREATE INDEX IF NOT EXISTS event_number ON event (number);

CREATE TABLE IF NOT EXISTS refusal (
    id TEXT PRIMARY KEY, number INTEGER NOT NULL, type TEXT NOT NULL, code TEXT NOT NULL, message TEXT NOT NULL,
    retry INTEGER NOT NULL, times INTEGER NOT NULL DEFAULT 1, at TEXT NOT NULL
) WITHOUT ROWID;

-- slot tells apart documents of one kind that an event makes; basis is the document that this one corrects.
CREATE TABLE IF NOT EXISTS document (
    ref TEXT PRIMARY KEY, kind TEXT NOT NULL, slot TEXT NOT NULL, number TEXT NOT NULL, date TEXT NOT NULL,
    event TEXT REFERENCES event (id), order_ref TEXT, basis TEXT, courier TEXT, sum TEXT NOT NULL, data TEXT NOT NULL,
    posted INTEGER NOT NULL DEFAULT 1, deleted INTEGER NOT NULL DEFAULT 0, created_at TEXT NOT NULL,
    CONSTRAINT one_document_of_a_slot_per_event UNIQUE (event, slot),
    CONSTRAINT deleted_is_not_posted CHECK (posted + deleted < 2)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS document_order ON document (order_ref);
CREATE INDEX IF NOT EXISTS document_basis ON document (basis) WHERE basis IS NOT NULL;
CREATE INDEX IF NOT EXISTS document_courier ON document (courier, kind);

-- The register of goods: what posted documents moved, thousandths of a unit.
CREATE TABLE IF NOT EXISTS goods_move (
    document TEXT NOT NULL, warehouse TEXT NOT NULL, product TEXT NOT NULL, characteristic TEXT NOT NULL,
    milli INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS goods_move_document ON goods_move (document);
CREATE INDEX IF NOT EXISTS goods_move_goods ON goods_move (warehouse, product, characteristic, milli);

CREATE TABLE IF NOT EXISTS quarantine (
    kind TEXT NOT NULL, ref TEXT NOT NULL, number INTEGER NOT NULL, code TEXT, message TEXT, PRIMARY KEY (kind, ref)
) WITHOUT ROWID;

-- OData: attributes written there that the base's own model has no place for; nodes of the exchange plan and what is
-- registered for them, number empty = not sent yet. `object.deleted` 2 = removed from the base, only its trace is left.
CREATE TABLE IF NOT EXISTS odata_extra (
    kind TEXT NOT NULL, ref TEXT NOT NULL, data TEXT NOT NULL, PRIMARY KEY (kind, ref)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS odata_node (
    ref TEXT PRIMARY KEY, code TEXT NOT NULL, sent INTEGER NOT NULL DEFAULT 0, received INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS odata_change (
    node TEXT NOT NULL, kind TEXT NOT NULL, ref TEXT NOT NULL, number INTEGER, PRIMARY KEY (node, kind, ref)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS object_date ON object (kind, json_extract(data, '$.date'), ref);

-- Steps of a reconciliation that are not answered yet: command NULL = it is still to be put. run empty = of its own accord.
CREATE TABLE IF NOT EXISTS comparison (
    position INTEGER PRIMARY KEY AUTOINCREMENT, run TEXT NOT NULL, type TEXT NOT NULL, kind TEXT NOT NULL,
    slice TEXT NOT NULL, part TEXT NOT NULL, round INTEGER NOT NULL, data TEXT NOT NULL, command TEXT UNIQUE
);

-- Objects of the dirty generator and what should become of each: applied, waiting, quarantined (code: why).
CREATE TABLE IF NOT EXISTS spoiled (
    kind TEXT NOT NULL, ref TEXT NOT NULL, fate TEXT NOT NULL, code TEXT NOT NULL, PRIMARY KEY (kind, ref)
) WITHOUT ROWID;
