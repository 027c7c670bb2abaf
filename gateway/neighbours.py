"""Who asks from nearby: this machine and private networks."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address, ip_network

_NEAR = tuple(
    ip_network(each)
    for each in (
        "127.0.0.0/8",
        "::1/128",
        "10.0.0.0/8",  # RFC 1918, with the next two
        "172.16.0.0/12",
        "192.168.0.0/16",
        "fc00::/7",  # RFC 4193
        "fe80::/10",  # RFC 4291, 2.5.6
    )
)


def is_near(address: str | None) -> bool:
    """Whether an IP address is of this machine or of a private network; a text that is none, or
    nothing, is not."""
    try:
        found = ip_address((address or "").partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    return any(found in network for network in _NEAR)
