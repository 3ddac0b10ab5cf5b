"""What a literal address is: this machine, a private network, the world."""

import ipaddress
from typing import Any

_NAT64 = ipaddress.ip_network("64:ff9b::/96")


def is_loopback(host: str | None) -> bool:
    """Whether a host of an address is this machine by its very spelling; a name is not resolved."""
    if host is None:
        return False
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_public(address: str) -> bool:
    """Whether a literal address is public; an IPv4 address wrapped in IPv6 is judged by itself."""
    ip = ipaddress.ip_address(address)
    inner: Any = ip
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or ip
        if ip in _NAT64:
            inner = ipaddress.ip_address(int(ip) & 0xFFFFFFFF)
    return bool(inner.is_global and not inner.is_multicast)
