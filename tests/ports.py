"""Free TCP ports of 127.0.0.1 for processes that are told their port."""

import random
import socket
from collections.abc import Sequence

# Below those that Linux gives to connections and to port 0 (32768 and on): between the look and the start of the server
# nobody gets one by chance but another test process, and of so many hardly the same.
LOW, HIGH = 10_000, 32_000
_chance = random.SystemRandom()  # tests seed the other


def new_ports(count: int) -> list[int]:
    """Different ports that nobody listens on."""
    found: set[int] = set()
    for _ in range(50 * count):
        if len(found) == count:
            return list(found)
        port = _chance.randrange(LOW, HIGH)
        if _is_free(port):
            found.add(port)
    raise OSError("no free ports were found")


def base_with(offsets: Sequence[int]) -> int:
    """A port so that it and those at `offsets` from it are free."""
    for _ in range(50):
        first = new_ports(1)[0]
        if first + max(offsets) < 65536 and all(_is_free(first + offset) for offset in offsets):
            return first
    raise OSError("no free ports were found")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
