"""Callers nearby: on this machine and in private networks."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any

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


_FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_X_REAL_IP", "HTTP_FORWARDED")


def asked_nearby(environ: Mapping[str, Any], path: str, *, trusted_proxies: int) -> bool:
    """Whether the caller is near, and the connection too, and the path is written in one way.

    A proxy that the settings do not name makes every caller look near, so what it forwards is not
    near. Behind a proxy that they name, every header that names the caller has to name one nearby:
    each may come from another sender. A path in another spelling (``/%6detrics``) may have passed a
    proxy that keeps this one to itself.

    Args:
        environ: of the request (WSGI).
        path: the one spelling.
        trusted_proxies: how many proxies the settings name.
    """
    if str(environ.get("RAW_URI", "")).partition("?")[0] != path:
        return False
    forwarded = {name: environ[name] for name in _FORWARDED if name in environ}
    if (forwarded and not trusted_proxies) or "HTTP_FORWARDED" in forwarded:
        return False
    connection = environ.get("werkzeug.proxy_fix.orig", environ).get("REMOTE_ADDR")
    caller = environ.get("REMOTE_ADDR")
    real = forwarded.get("HTTP_X_REAL_IP", caller)
    return all(is_near(each) for each in (connection, caller, real))
