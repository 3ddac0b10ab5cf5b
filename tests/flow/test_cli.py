"""The command line as an administrator uses it: what it prints and how it ends."""

import json
from pathlib import Path

import psycopg
import pytest
from tests.command import posrednik

BASE = "5a4b1c00-0000-4000-8000-000000000001"


def test_migrate_brings_an_empty_database_to_the_schema_and_says_so_once(empty_database: str):
    first = posrednik("migrate", dsn=empty_database)
    assert first.returncode == 0
    assert "выполнена 0001" in first.stdout
    again = posrednik("migrate", dsn=empty_database)
    assert again.returncode == 0
    assert "выполнена" not in again.stdout


def test_status_of_a_quiet_system_ends_with_0(database: str):
    done = posrednik("status", dsn=database)
    assert (done.returncode, done.stderr) == (0, "")
    assert "в карантине 0" in done.stdout


def test_status_ends_with_1_when_a_person_is_needed(database: str):
    with psycopg.connect(database) as conn:
        conn.execute(
            "INSERT INTO destination (name, kind, state, why) VALUES ('site:x', 'site', 'disabled', 'ответ 410')"
        )
    done = posrednik("status", dsn=database)
    assert done.returncode == 1
    assert "ответ 410" in done.stdout


def test_a_replay_without_yes_only_counts(database: str):
    done = posrednik("replay", dsn=database)
    assert done.returncode == 0
    assert "подходит сообщений: 0" in done.stdout


def test_a_time_that_cannot_be_read_is_explained(database: str):
    done = posrednik("replay", "--since", "вчера", dsn=database)
    assert done.returncode == 2
    assert "ISO 8601" in done.stderr


def test_a_token_is_shown_once_and_stored_as_a_hash(database: str):
    done = posrednik("token", "add", "--base", BASE, dsn=database)
    token = done.stdout.strip()
    assert done.returncode == 0
    assert len(token) >= 32
    with psycopg.connect(database) as conn:
        rows = conn.execute("SELECT kind, owner, hash FROM token").fetchall()
    assert [(kind, owner) for kind, owner, _ in rows] == [("base", BASE)]
    assert token.encode() not in rows[0][2]
    assert token not in posrednik("token", "list", dsn=database).stdout


@pytest.mark.parametrize("arguments", [(), ("--base", BASE, "--feed", "shop")])
def test_a_token_belongs_to_exactly_one_kind(database: str, arguments: tuple[str, ...]):
    done = posrednik("token", "add", *arguments, dsn=database)
    assert done.returncode == 2
    assert "--person" in done.stderr


def test_settings_that_cannot_be_used_are_explained_without_a_trace(tmp_path: Path):
    config = tmp_path / "posrednik.toml"
    config.write_text("[server]\nlisten = 5\nlissen = 'x'\n", encoding="utf-8")
    done = posrednik("status", "--config", str(config))
    assert done.returncode == 2
    assert "Настройки не годятся" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_database_that_does_not_answer_ends_with_3(free_port: int):
    done = posrednik("status", dsn=f"postgresql://nobody@127.0.0.1:{free_port}/x?connect_timeout=1")
    assert done.returncode == 3
    assert "Traceback" not in done.stderr


def test_api_alone_says_that_it_needs_a_database(tmp_path: Path):
    done = posrednik("api", POSREDNIK_SERVER_DATA_DIR=str(tmp_path))
    assert done.returncode == 2
    assert "POSREDNIK_DATABASE_URL" in done.stderr


def test_a_revoked_token_is_listed_as_such_and_an_unknown_one_is_an_error(database: str):
    posrednik("token", "add", "--person", "Анна", dsn=database)
    with psycopg.connect(database) as conn:
        (token_id,) = conn.execute("SELECT id FROM token").fetchone() or ("",)
    assert posrednik("token", "revoke", str(token_id), dsn=database).returncode == 0
    assert posrednik("token", "revoke", str(token_id), dsn=database).returncode == 1


REF, TWIN = "c0000000-0000-4000-8000-000000000001", "c0000000-0000-4000-8000-000000000002"


def know_courier(dsn: str, ref: str, name: str, active: bool = True) -> None:
    data = json.dumps({"name": name, "division": BASE, "active": active})
    with psycopg.connect(dsn) as conn:
        conn.execute(f"INSERT INTO base (id, name) VALUES ('{BASE}', 'Основная') ON CONFLICT DO NOTHING".encode())
        conn.execute(
            "INSERT INTO mirror (base_id, kind, ref, version, hash, epoch_no, number, idx, deleted, posted, data)"
            " VALUES (%s, 'courier', %s, '1', '', 1, 1, 1, false, true, %s)", [BASE, ref, data],
        )  # fmt: skip


def test_a_token_of_a_phone_is_made_by_a_couriers_ref_or_his_exact_name(database: str):
    know_courier(database, REF, "Пётр Иванов")
    for named in ("пётр иванов", REF.upper(), TWIN):
        assert posrednik("token", "add", "--device", named, dsn=database).returncode == 0
    with psycopg.connect(database) as conn:
        owners = conn.execute("SELECT kind, owner FROM token ORDER BY created_at").fetchall()
    assert owners == [("device", REF), ("device", REF), ("device", TWIN)]
    done = posrednik("token", "add", "--device", "Пётр", dsn=database)
    assert (done.returncode, done.stdout) == (1, "")
    assert "имя нужно полностью" in done.stderr


def test_a_name_that_two_couriers_have_is_asked_to_be_a_ref(database: str):
    know_courier(database, REF, "Пётр Иванов")
    know_courier(database, TWIN, "Пётр Иванов")
    done = posrednik("courier", "code", "Пётр Иванов", dsn=database)
    assert done.returncode == 1
    assert REF in done.stderr
    assert TWIN in done.stderr


def test_a_couriers_code_is_shown_with_its_link_and_qr(database: str):
    know_courier(database, REF, "Пётр Иванов")
    done = posrednik("courier", "code", "Пётр Иванов", dsn=database, POSREDNIK_SERVER_PUBLIC_URL="https://p.example")
    assert done.returncode == 0, done.stderr
    code = done.stdout.splitlines()[0].replace("-", "")
    assert f"https://p.example/courier/#code={code}" in done.stdout
    assert "█" in done.stdout
    with psycopg.connect(database) as conn:
        assert conn.execute("SELECT courier_ref, kind FROM login_code").fetchall() == [(REF, "code")]


@pytest.mark.parametrize(("ref", "told"), [(REF, "отключён"), (TWIN, "ещё не приходило")])
def test_a_courier_who_left_or_is_unknown_gets_no_code(database: str, ref: str, told: str):
    know_courier(database, REF, "Пётр Иванов", active=False)
    done = posrednik("courier", "code", ref, dsn=database)
    assert done.returncode == 1
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def test_phones_of_couriers_are_listed(database: str):
    know_courier(database, REF, "Пётр Иванов")
    posrednik("token", "add", "--device", REF, dsn=database)
    with psycopg.connect(database) as conn:
        (token_id,) = conn.execute("SELECT id FROM token").fetchone() or ("",)
    assert str(token_id) in posrednik("courier", "devices", dsn=database).stdout
    assert str(token_id) in posrednik("courier", "devices", "Пётр Иванов", dsn=database).stdout
    assert str(token_id) not in posrednik("courier", "devices", TWIN, dsn=database).stdout
