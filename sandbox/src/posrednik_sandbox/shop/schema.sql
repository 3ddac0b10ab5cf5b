-- The emulated shop: its own orders, the webhooks it took (once per webhook-id), and every call that came.
CREATE TABLE IF NOT EXISTS shop_order (
    ref TEXT PRIMARY KEY, site_number TEXT NOT NULL, recipient TEXT NOT NULL, address TEXT NOT NULL, total TEXT NOT NULL,
    placed_at TEXT NOT NULL, stage TEXT, stage_version INTEGER NOT NULL DEFAULT 0, amount_due TEXT, amount_taken TEXT
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS hook (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, webhook_id TEXT NOT NULL UNIQUE, event_id TEXT, type TEXT NOT NULL,
    delivery TEXT NOT NULL, version INTEGER NOT NULL, stage TEXT, order_ref TEXT, order_number TEXT, site_number TEXT,
    body TEXT NOT NULL, taken_at TEXT NOT NULL, times INTEGER NOT NULL DEFAULT 1, in_order INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS hook_delivery ON hook (delivery, seq);
CREATE INDEX IF NOT EXISTS hook_order ON hook (order_ref, seq);

CREATE TABLE IF NOT EXISTS call (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, webhook_id TEXT, status INTEGER NOT NULL, note TEXT NOT NULL
);
