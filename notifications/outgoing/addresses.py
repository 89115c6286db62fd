"""Which addresses a webhook may go to: the public internet, and nothing of the installation's own network.

A URL is somebody's word, and a name resolves to whatever its owner likes, at each asking to something else.
So a name is resolved once, every address that comes back must be public, and the connection is made to one
of those very addresses.
"""

from __future__ import annotations

import ipaddress
import socket
from urllib.parse import urlsplit

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

#: Public by the registries, but the host's own metadata service on a large cloud.
_METADATA = frozenset({ipaddress.ip_address("168.63.129.16")})
#: Where a gateway (NAT64) connects to the IPv4 address in the last 32 bits.
_TRANSLATED = ipaddress.IPv6Network("64:ff9b::/96")
_NOT_THE_INTERNET = tuple(
    ipaddress.ip_network(text)
    for text in (
        "0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.88.99.0/24", "198.18.0.0/15", "240.0.0.0/4",
        # With ::/8 go the IPv4 addresses in IPv6's clothes (::ffff:10.0.0.1), with 2001::/23 and 2002::/16
        # those in a tunnel's.
        "::/8", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "5f00::/16", "fc00::/7",
        "fe80::/10", "fec0::/10", "ff00::/8",
    )
)  # fmt: skip


class Forbidden(Exception):
    """The address is not one that may be connected to; the message says why, for a person."""


def is_public(address: Address) -> bool:
    """Whether the address is one of the public internet."""
    if isinstance(address, ipaddress.IPv6Address) and address in _TRANSLATED:
        return is_public(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    if address in _METADATA or any(address in network for network in _NOT_THE_INTERNET):
        return False
    return address.is_global and not (
        address.is_multicast or address.is_reserved or address.is_loopback or address.is_link_local
    )


def refuse_url(url: str, *, allow_private: bool) -> None:
    """Refuse with `Forbidden` what no webhook may go to, as far as can be told without asking the network."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise Forbidden("This is no address of a web server.") from None
    if not url.isascii() or any(character <= " " or character in '\\"<>\x7f' for character in url):
        raise Forbidden("Write the address in plain letters, without spaces.")
    if parts.scheme != "https" and not (allow_private and parts.scheme == "http"):
        raise Forbidden("The address begins with https://.")
    if not host or parts.username is not None or parts.fragment:
        raise Forbidden("The address names a server, and neither a user nor a fragment.")
    if not allow_private:
        literal = _literal(host)
        if literal is not None and not is_public(literal):
            raise Forbidden("This address is not on the public internet.")


def resolve(host: str, port: int) -> list[str]:
    """The addresses of a host, asked once. Raises Forbidden where it has none."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise Forbidden("the name of the server is not known") from None
    return list(dict.fromkeys(str(one[4][0]) for one in found))


def checked(addresses: list[str], *, allow_private: bool) -> list[str]:
    """These addresses, if every one of them may be connected to. Raises Forbidden."""
    if not allow_private and not all(is_public(ipaddress.ip_address(one)) for one in addresses):
        raise Forbidden("the name of the server leads into a private network")
    return addresses


def _literal(host: str) -> Address | None:
    """The address that a host is written as, if it is: also as 127.1, 0x7f.1 or 2130706433, as C reads it."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        pass
    try:
        return ipaddress.IPv4Address(socket.inet_aton(host))
    except (OSError, ValueError):
        return None
