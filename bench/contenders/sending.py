"""The POST of the contenders that bring no HTTP client: the same library as ours, unsigned."""

import aiohttp
from yarl import URL

from bench.contenders.base import CONCURRENT

HEADERS = {"Content-Type": "application/json"}


class Poster:
    """One session of the worker process."""

    def __init__(self, sink: str) -> None:
        self._url = URL(sink)
        connector = aiohttp.TCPConnector(limit=CONCURRENT)
        self.session = aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(total=20))

    async def post(self, job_id: str, body: bytes) -> None:
        """Raises for anything but success."""
        async with self.session.post(self._url, data=body, headers={**HEADERS, "webhook-id": job_id}) as response:
            await response.read()
            response.raise_for_status()
