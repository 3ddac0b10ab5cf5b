"""Free TCP ports of 127.0.0.1 for processes that are told their port."""

import socket
from collections.abc import Sequence


def new_ports(count: int) -> list[int]:
    """Different ports that nobody listens on; all are held until all are found."""
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [int(probe.getsockname()[1]) for probe in probes]
    finally:
        for probe in probes:
            probe.close()


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
