"""The processing for the old 1C over https: the server is known by its certificate, or the token stays where it is."""

import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.bsl.platform import http
from tests.onec.old_base import old_base
from tests.onec.old_stage import Stage, fill, staged

from posrednik_sandbox.portal import make_certificate


@pytest.fixture
def secured(tmp_path: Path) -> Iterator[Stage]:
    """A base on the platform 8.3 whose service speaks TLS with a certificate of its own."""
    path, empty = tmp_path / "base.sqlite3", tmp_path / "no-dump"
    fill(path)
    empty.mkdir()
    with staged(path, old_base(path, empty, features="8.3")) as stage:
        with_tls(stage, tmp_path)
        yield stage


def with_tls(stage: Stage, folder: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*make_certificate(folder))
    server = stage.service._server
    server.socket = context.wrap_socket(server.socket, server_side=True)
    stage.app.set_up(stage.service.url.replace("http:", "https:"))


def test_a_server_that_the_system_knows_is_spoken_to(
    secured: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "portal.crt"))
    told = secured.app.get("ПроверитьСвязь")
    assert told["Успешно"], told
    assert [one.headers["Authorization"].split()[0] for one in secured.service.asked] == ["Basic"]


def test_a_server_that_the_system_does_not_know_gets_no_token(secured: Stage) -> None:
    told = secured.app.get("ПроверитьСвязь")
    assert not told["Успешно"]
    assert secured.service.asked == []


def test_the_store_of_certificates_may_have_its_older_name(
    secured: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http.SystemAuthorities, "bsl_creatable", False)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "portal.crt"))
    told = secured.app.get("ПроверитьСвязь")
    assert told["Успешно"], told


def test_a_connection_that_does_not_say_that_it_is_secure_is_not_used(
    secured: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """8.3 that takes the parameters of 8.2 in neither of the ways that are known."""
    monkeypatch.setattr(http.Connection.bsl_props["таймаут"], "get", lambda _: 0)
    monkeypatch.setattr(http.Connection.bsl_props["защищенноесоединение"], "get", lambda _: None)
    told = secured.app.get("ПроверитьСвязь")
    assert "токен не отправлен" in told["Текст"]
    assert secured.service.asked == []


def test_the_platform_8_2_speaks_tls_by_its_sixth_parameter(tmp_path: Path) -> None:
    """It checks no certificate: which is why the instructions put it behind a proxy."""
    path = tmp_path / "base.sqlite3"
    fill(path)
    with staged(path) as stage:
        with_tls(stage, tmp_path)
        assert stage.app.get("ПроверитьСвязь")["Успешно"]
