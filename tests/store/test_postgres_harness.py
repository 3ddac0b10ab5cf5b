"""The test databases themselves: each test has its own, on our server and on one named from outside."""

import psycopg
import pytest
from tests import pg

from posrednik.kit.postgres import EmbeddedPostgres


def tables(dsn: str) -> set[str]:
    with psycopg.connect(dsn) as connection:
        rows = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        return {name for (name,) in rows}


def test_each_test_gets_a_migrated_database_of_its_own(database, database_server):
    with psycopg.connect(database) as connection:
        connection.execute("CREATE TABLE only_here ()")
    with database_server.migrated() as other:
        assert tables(other) == tables(database) - {"only_here"}
        assert "migration" in tables(other)


def test_an_empty_database_is_empty(empty_database):
    assert tables(empty_database) == set()


def test_a_database_is_dropped_even_while_somebody_is_connected(database_server):
    with database_server.empty() as dsn:
        late = psycopg.connect(dsn)
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(dsn)
    late.close()


def test_a_server_named_from_outside_is_used_and_left_clean(monkeypatch, tmp_path):
    with pg.embedded() as server:
        monkeypatch.setenv(pg.EXTERNAL, server.dsn)
        with pg.databases() as made, made.migrated() as dsn:
            assert "migration" in tables(dsn)
        with psycopg.connect(server.dsn) as connection:
            left = connection.execute("SELECT datname FROM pg_database WHERE datname LIKE 't\\_%'").fetchall()
    assert left == []


@pytest.mark.parametrize(
    ("url", "moved"),
    [
        ("postgresql://u:p@db:5433/old?sslmode=require", "postgresql://u:p@db:5433/new?sslmode=require"),
        ("postgresql:///old?host=%2Frun%2Fpg&user=u", "postgresql:///new?host=%2Frun%2Fpg&user=u"),
        ("postgresql://db", "postgresql://db/new"),
    ],
)
def test_the_name_of_the_database_in_an_address_is_replaced(url, moved):
    assert pg.with_database(url, "new") == moved


def test_folders_of_killed_test_runs_are_removed_and_those_of_living_ones_kept():
    place = pg.places()[-1]
    dead = place / f"{pg.PREFIX}{2**22 + 1}-x"
    dead.mkdir()
    with pg.embedded() as server:
        assert not dead.exists()
        pg.remove_left_overs()
        assert server.alive()
        assert isinstance(server, EmbeddedPostgres)
        assert tables(server.dsn) == set()


def test_new_ports_are_free(new_port):
    assert len({new_port() for _ in range(5)}) > 1
