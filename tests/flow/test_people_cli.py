"""`posrednik user`: the first administrator, and what one does about people without a page."""

import re

import psycopg
import pytest
from tests.command import posrednik
from tests.flow.exchange_client import running
from tests.flow.people_kit import PASSWORD, Office


def acts(dsn: str) -> list[tuple[str, str]]:
    with psycopg.connect(dsn) as conn:
        return conn.execute("SELECT who LIKE 'cli:%%', action FROM audit ORDER BY id").fetchall()


def test_the_first_administrator_gets_a_password_that_works_once(database: str):
    done = posrednik("user", "add", "--login", "admin", "--role", "administrator", dsn=database)
    assert done.returncode == 0, done.stderr
    assert re.match(r"([2-9A-Z]{4}-){3}[2-9A-Z]{4}\n", done.stdout)
    with psycopg.connect(database) as conn:
        [row] = conn.execute("SELECT login, roles, divisions, left(password_hash, 10) FROM person").fetchall()
    assert row == ("admin", ["administrator"], None, "$argon2id$")
    assert acts(database) == [(True, "user.add")]
    again = posrednik("user", "add", "--login", "Admin", "--role", "administrator", dsn=database)
    assert (again.returncode, "уже занят" in again.stderr) == (1, True)


async def test_he_comes_in_with_it_and_the_command_line_ends_his_session(database: str):
    password = posrednik("user", "add", "--login", "admin", "--role", "administrator", dsn=database).stdout.split()[0]
    async with running(database) as service:
        office = Office(service)
        token = await office.token("admin", password, new_password=PASSWORD)
        assert "admin" in posrednik("user", "list", dsn=database).stdout
        assert "Windows, Chrome" in posrednik("user", "sessions", "admin", dsn=database).stdout
        assert "завершено сеансов: 1" in posrednik("user", "sessions", "admin", "--end", "all", dsn=database).stdout
        office.service.client._transport.app.state.doorkeeper.forget()
        assert (await office.me(token)).status_code == 401


@pytest.mark.parametrize("command", [("lock", "admin"), ("roles", "admin", "--role", "head")])
def test_the_last_administrator_stays_at_the_command_line_too(database: str, command: tuple[str, ...]):
    posrednik("user", "add", "--login", "admin", "--role", "administrator", dsn=database)
    done = posrednik("user", *command, dsn=database)
    assert (done.returncode, "последний администратор" in done.stderr) == (1, True)


def test_roles_locks_passwords_and_codes_are_changed_and_written_down(database: str):
    posrednik("user", "add", "--login", "anna", "--role", "logistician", "--name", "Анна", dsn=database)
    for command in (("roles", "anna", "--role", "cashier", "--role", "head"), ("lock", "anna"), ("unlock", "anna"),
                    ("password", "anna"), ("totp-off", "anna")):  # fmt: skip
        done = posrednik("user", *command, dsn=database)
        assert done.returncode == 0, done.stderr
    with psycopg.connect(database) as conn:
        assert conn.execute("SELECT name, roles, active FROM person").fetchall() == [
            ("Анна", ["cashier", "head"], True)
        ]
    assert [action for _, action in acts(database)] == [
        "user.add", "user.roles", "user.lock", "user.unlock", "user.password", "user.totp_off"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (("lock", "nobody"), "Такого логина нет"),
        (("add", "--login", "x", "--role", "head"), "Логин не подходит"),
        (("add", "--login", "anna", "--role", "king"), "king"),
        (("add", "--login", "anna", "--role", "head", "--division", "Луна"), "луна"),
    ],
)
def test_what_cannot_be_is_told_in_a_sentence(database: str, command: tuple[str, ...], told: str):
    done = posrednik("user", *command, dsn=database)
    assert (done.returncode, told in done.stderr) == (1, True), done.stderr
