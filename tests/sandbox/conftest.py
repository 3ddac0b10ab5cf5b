"""What tests of the emulated base ask for: a Posrednik that only listens, and a base that speaks to it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.sandbox.fake_posrednik import FakePosrednik
from tests.sandbox.onec_running import a_base, served

from posrednik_sandbox.onec import Onec


@pytest.fixture
async def fake() -> AsyncIterator[FakePosrednik]:
    fake = FakePosrednik()
    runner, fake.url = await served(fake.application())
    yield fake
    await runner.cleanup()


@pytest.fixture
async def onec(fake: FakePosrednik, tmp_path: Path) -> AsyncIterator[Onec]:
    onec = a_base(tmp_path, fake.url)
    yield onec
    await onec.close()
