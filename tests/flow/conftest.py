"""What most tests of the flow begin with."""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from unittest.mock import patch

import pytest
from argon2 import PasswordHasher
from tests.flow.exchange_client import Service, running

from posrednik.api import services
from posrednik.kit import passwords

REAL = passwords._HASHER
CHEAP = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)


@contextmanager
def _hashing(hasher: PasswordHasher) -> Iterator[None]:
    with patch.object(passwords, "_HASHER", hasher):
        passwords._nobodys.cache_clear()
        yield
    passwords._nobodys.cache_clear()


@pytest.fixture(scope="session", autouse=True)
def cheap_passwords() -> Iterator[None]:
    """Hashes are slow on purpose, a third of the time of tests of people: here the same kind for a hundredth."""
    with _hashing(CHEAP):
        yield


@pytest.fixture
def real_passwords() -> Iterator[None]:
    """For what takes time or is kept: to be asked for before the service."""
    with _hashing(REAL):
        yield


@pytest.fixture
def no_time_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    """For who counts requests of some seconds or minutes: while a busy machine makes them, none is forgiven."""
    monkeypatch.setattr(services, "time", SimpleNamespace(monotonic=lambda: 1000.0))


@pytest.fixture
async def service(database: str) -> AsyncIterator[Service]:
    """The service with plain settings and a database of its own. A file that needs others has its own."""
    async with running(database) as made:
        yield made
