"""schema.sql is what people read, migrations/ is what runs: both must give the same database."""

from importlib.resources import files

import psycopg
from tests.pg import Databases

from posrednik.store.migrate import available, migrate

CATALOGUE = {
    "columns": """
        SELECT table_name, column_name, data_type, is_nullable, column_default, identity_generation, collation_name
        FROM information_schema.columns WHERE table_schema = 'public' ORDER BY 1, ordinal_position""",
    "constraints": """
        SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace ORDER BY 1, 2""",
    "indexes": "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1",
    "views": "SELECT viewname, definition FROM pg_views WHERE schemaname = 'public' ORDER BY 1",
    "options": """
        SELECT relname, relkind, reloptions, pg_get_partkeydef(oid) FROM pg_class
        WHERE relnamespace = 'public'::regnamespace ORDER BY 1""",
    "storage": """
        SELECT attrelid::regclass::text, attname, attstorage FROM pg_attribute a JOIN pg_class c ON c.oid = attrelid
        WHERE relnamespace = 'public'::regnamespace AND attnum > 0 AND NOT attisdropped ORDER BY 1, attnum""",
    "triggers": """
        SELECT tgrelid::regclass::text, tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
        ORDER BY 1, 2""",
    "functions": "SELECT proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace ORDER BY 1",
    "first rows": "SELECT * FROM feed_counter",
}
PARTS = (
    "schema.sql", "schema_courier.sql", "schema_ledgers.sql", "schema_trade.sql", "schema_people.sql",
    "schema_figures.sql",
    "schema_division.sql", "schema_board.sql", "schema_kpi.sql", "schema_settings.sql", "schema_slices.sql",
    "schema_settling.sql",
    "schema_journal.sql", "schema_loads.sql", "schema_value_maps.sql",
    "schema_reconciliation.sql", "schema_ownership.sql", "schema_heard.sql", "schema_portal.sql",
    "schema_portal_users.sql", "schema_portal_watch.sql", "schema_alarms.sql", "schema_doubt.sql",
)  # fmt: skip
MADE_WHILE_RUNNING = ("migration", "journal_2", "inbox_2", "idempotency_2")


def catalogue(dsn: str) -> dict[str, list[tuple[object, ...]]]:
    with psycopg.connect(dsn) as conn:
        found = {name: conn.execute(query).fetchall() for name, query in CATALOGUE.items()}
    return {
        name: [row for row in rows if not str(row[0]).startswith(MADE_WHILE_RUNNING)] for name, rows in found.items()
    }


def test_the_schema_of_a_fresh_database_equals_the_migrated_one(database_server: Databases) -> None:
    with database_server.empty() as fresh, database_server.empty() as migrated:
        with psycopg.connect(fresh) as conn:
            for part in PARTS:
                conn.execute((files("posrednik.store") / part).read_bytes())
        migrate(migrated)
        expected = catalogue(fresh)
        assert len(expected["columns"]) > 100
        assert catalogue(migrated) == expected


def test_a_second_migration_does_nothing(database: str) -> None:
    before = catalogue(database)
    assert migrate(database) == []
    assert catalogue(database) == before


def test_a_base_that_is_in_doubt_already_is_so_since_its_epoch_began_or_since_now(empty_database: str) -> None:
    with psycopg.connect(empty_database) as conn:
        texts = {name: text for _, name, text in available()}
        for name, text in texts.items():
            if name == "doubt":
                break
            conn.execute(text)
        for base, doubted in (("restored", 1), ("back", 2), ("sound", 0)):
            conn.execute(
                "WITH b AS (INSERT INTO base (id, name, epoch, epoch_no, instance, doubt_epoch_no)"
                " VALUES (gen_random_uuid(), %s, gen_random_uuid(), 2, 'x', %s) RETURNING id, epoch)"
                " INSERT INTO base_epoch (base_id, epoch, epoch_no, started_at)"
                " SELECT id, epoch, 2, '2026-11-20T10:00Z' FROM b",
                [base, doubted],
            )
        conn.execute(texts["doubt"])
        found = conn.execute("SELECT name, doubt_at = '2026-11-20T10:00Z', doubt_at = now() FROM base").fetchall()
    assert sorted(found) == [("back", False, True), ("restored", True, False), ("sound", None, None)]
