"""Bases with our code in them: the extension's beside a service that is told what to say, and the old 1C's."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.bsl.platform.infobase import Infobase
from tests.onec.extension import Base, Clock, Service, serving
from tests.onec.old_stage import Stage, copied, fill, loaded, new_base


@pytest.fixture
def service() -> Iterator[Service]:
    with serving() as made:
        yield made


@pytest.fixture
def base(tmp_path: Path, service: Service) -> Base:
    return Base(tmp_path, service, Clock())


@pytest.fixture(scope="session")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of an old base that the service has wholly; each stage works on a copy."""
    return loaded(tmp_path_factory.mktemp("loaded"))


@pytest.fixture(scope="session")
def old(tmp_path_factory: pytest.TempPathFactory) -> Infobase:
    """An old base with the external processing; its file is changed for each stage."""
    path = tmp_path_factory.mktemp("base") / "base.sqlite3"
    fill(path)
    return new_base(path)


@pytest.fixture
def stage(source: Path, old: Infobase) -> Iterator[Stage]:
    with copied(source, old) as made:
        yield made
