"""What most tests of the flow begin with."""

from collections.abc import AsyncIterator

import pytest
from tests.flow.exchange_client import Service, running


@pytest.fixture
async def service(database: str) -> AsyncIterator[Service]:
    """The service with plain settings and a database of its own. A file that needs others has its own."""
    async with running(database) as made:
        yield made
