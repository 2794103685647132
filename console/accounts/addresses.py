"""From which address somebody comes, as failures are counted by it and as the audit keeps it. Pure."""

from __future__ import annotations

import ipaddress

_KEPT = {4: 24, 6: 48}
"""Of an address the audit keeps its network: enough to see where guesses come from."""
_COUNTED = {4: 32, 6: 64}
"""With IPv6 everybody has a network of their own: counting single addresses would count nobody."""


def find_address(remote: str, passed_on: str, *, forwarded: bool) -> str:
    """Find who asks: the last address that our own proxy wrote into X-Forwarded-For (`passed_on`), if it does that; else who connected.

    "" for this machine itself: behind a proxy that tells nothing all come from there, and one who guesses would make everybody wait.
    """
    given = passed_on.rpartition(",")[2].strip() if forwarded and passed_on else remote
    try:
        address = ipaddress.ip_address(given)
    except ValueError:
        return ""
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return "" if address.is_loopback else str(address)


def count_by(address: str) -> str:
    """Give what failures from an address are counted by; "" for none."""
    return _network(address, _COUNTED)


def name_network(address: str) -> str:
    """Give the network of an address, as 203.0.113.0/24; "" for what is none."""
    return _network(address, _KEPT)


def _network(address: str, sizes: dict[int, int]) -> str:
    try:
        version = ipaddress.ip_address(address).version
    except ValueError:
        return ""
    return str(ipaddress.ip_network(f"{address}/{sizes[version]}", strict=False))
