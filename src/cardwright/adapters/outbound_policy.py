"""Which addresses a request to a URL that somebody else chose may go to; no I/O."""

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

import httpx

IpAddress = IPv4Address | IPv6Address
IpNetwork = IPv4Network | IPv6Network

_HTTPS_PORT: Final = 443
_HTTP_PORT: Final = 80
_FIRST_UNPRIVILEGED_PORT: Final = 1024
_LAST_PORT: Final = 65_535
_LONGEST_URL: Final = 2048
_LONGEST_HOST: Final = 253
_LONGEST_LABEL: Final = 63

# The registries of special-purpose addresses of IANA, all of them, reachable or not, and what clouds keep
# for themselves among public addresses.
_REFUSED_IPV4: Final = tuple(
    IPv4Network(text)
    for text in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
        "192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24",
        "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
        "224.0.0.0/4", "240.0.0.0/4",
        "168.63.129.16/32",  # Azure's own services, from within each of its machines
    )
)  # fmt: skip
_GLOBAL_IPV6: Final = IPv6Network("2000::/3")
# Outside of 2000::/3 nothing passes: loopback, mapped and compatible IPv4, NAT64, unique local, link local,
# site local, multicast, segment routing.
_REFUSED_IPV6: Final = tuple(
    IPv6Network(text)
    for text in (
        "2001::/23",  # protocols of the IETF: Teredo, benchmarking, ORCHID
        "2001:db8::/32",
        "2002::/16",  # 6to4
        "2620:4f:8000::/48",
        "3fff::/20",
    )
)
_ISATAP: Final = frozenset({0x00005EFE, 0x02005EFE})
"""The middle 32 bits of an address that carries an IPv4 address in its last 32."""
_LOCAL_SUFFIXES: Final = (
    "localhost", "local", "localdomain", "internal", "intranet", "lan", "home", "corp", "private", "arpa",
    "onion", "test", "invalid",
)  # fmt: skip


class OutboundRefused(httpx.TransportError):
    """The request was not sent. `reason` is a code: scheme, userinfo, url, host, port or address."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class OutboundPolicy:
    """Where requests may go besides public addresses over https, and how much of an answer is read.

    `allowed_networks` are for tests, the demo and receivers inside one's own network: any port, and plain
    http where `is_http_allowed`. `refused_networks` are public addresses of one's own, or one's NAT64 prefix.
    """

    allowed_networks: tuple[IpNetwork, ...] = ()
    refused_networks: tuple[IpNetwork, ...] = ()
    is_http_allowed: bool = False
    connect_seconds: float = 5.0
    whole_seconds: float = 15.0
    most_answer_bytes: int = 65_536

    @classmethod
    def of(
        cls, allowed: tuple[str, ...] = (), refused: tuple[str, ...] = (), *, is_http_allowed: bool = False
    ) -> "OutboundPolicy":
        """Return the policy of settings; ValueError for what is no network."""
        return cls(tuple(map(ip_network, allowed)), tuple(map(ip_network, refused)), is_http_allowed)

    def ensure_url(self, url: httpx.URL | str) -> None:
        """Raise OutboundRefused when a URL will never be requested, whatever its name resolves to."""
        url = _parsed(url)
        self._ensure_scheme(url)
        if url.userinfo:
            raise OutboundRefused("userinfo", "A URL with a user name or password in it is not requested.")
        if not 0 < port_of(url) <= _LAST_PORT:
            raise OutboundRefused("port", "There is no such port.")
        literal = _literal(url.host)
        if literal is not None:
            self.ensure_address(literal, port_of(url))
            return
        self._ensure_name(url.raw_host.decode("ascii"))
        if not self.allowed_networks:
            _ensure_port(port_of(url))

    def ensure_address(self, address: IpAddress, port: int) -> None:
        """Raise OutboundRefused unless connections to an address and port may be opened."""
        if self._is_allowed(address):
            return
        if any(address in network for network in self.refused_networks) or not is_public(address):
            raise OutboundRefused("address", "The host's address is not a public one.")
        _ensure_port(port)

    def _ensure_scheme(self, url: httpx.URL) -> None:
        if url.scheme != "https" and not (self.is_http_allowed and url.scheme == "http"):
            raise OutboundRefused("scheme", "Only https URLs are requested.")

    def _ensure_name(self, host: str) -> None:
        name = host.rstrip(".").lower()
        labels = name.split(".")
        # A name that ends in a number is none: resolvers read IPv4 addresses out of it, in octal and hex too.
        if len(name) > _LONGEST_HOST or not all(map(_is_label, labels)) or _is_number(labels[-1]):
            raise OutboundRefused("host", "The URL has no usable host name.")
        if not self.allowed_networks and ("." not in name or name.endswith(_dotted(_LOCAL_SUFFIXES))):
            raise OutboundRefused("host", "The host name is not one of the public Internet.")

    def _is_allowed(self, address: IpAddress) -> bool:
        return any(address in network for network in self.allowed_networks)


def port_of(url: httpx.URL) -> int:
    """Return the port that a request to an http or https URL goes to."""
    if url.port is not None:
        return url.port
    return _HTTPS_PORT if url.scheme == "https" else _HTTP_PORT


def is_public(address: IpAddress) -> bool:
    """Answer whether an address is an ordinary one of the public Internet, carrying no other in it."""
    if isinstance(address, IPv4Address):
        return address.is_global and not any(address in network for network in _REFUSED_IPV4)
    return (
        address.scope_id is None
        and address in _GLOBAL_IPV6
        and (int(address) >> 32) & 0xFFFFFFFF not in _ISATAP
        and not any(address in network for network in _REFUSED_IPV6)
    )


def _parsed(url: httpx.URL | str) -> httpx.URL:
    if len(str(url)) > _LONGEST_URL:
        raise OutboundRefused("url", "The URL is too long.")
    try:
        parsed = httpx.URL(url)
        host = parsed.host
    # A host may look like Punycode and be none, which shows only when it is read.
    except (httpx.InvalidURL, UnicodeError):
        raise OutboundRefused("url", "This is no URL.") from None
    if not parsed.is_absolute_url or not host:
        raise OutboundRefused("url", "This is no absolute URL.")
    return parsed


def _literal(host: str) -> IpAddress | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def _is_label(label: str) -> bool:
    letters = label.replace("-", "").replace("_", "")
    return len(label) <= _LONGEST_LABEL and letters.isalnum() and label.isascii()


def _is_number(label: str) -> bool:
    return label.isdigit() or label.startswith("0x")


def _dotted(suffixes: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f".{suffix}" for suffix in suffixes)


def _ensure_port(port: int) -> None:
    if port not in {_HTTPS_PORT, _HTTP_PORT} and port < _FIRST_UNPRIVILEGED_PORT:
        raise OutboundRefused("port", "The port is one of another service's.")
