"""Addresses that browsers may be sent back to: what may be registered, and what equals it."""

import re
from collections.abc import Iterable, Mapping
from typing import Final
from urllib.parse import SplitResult, urlencode, urlsplit

from cardwright.core.errors import Invalid

_LONGEST: Final = 500
_LOOPBACK: Final = frozenset({"127.0.0.1", "[::1]"})
_PRIVATE_SCHEME: Final = re.compile(r"[a-z][a-z0-9+-]*(\.[a-z0-9+-]+)+")
_FORBIDDEN: Final = re.compile(r"[^\x21-\x7e]|[\\*#\"<>`{}|^]|/\.\.?(?:/|$|\?)|%2e|%2f|%5c", re.IGNORECASE)


def ensure_redirect_uri(uri: str, *, is_native: bool) -> str:
    """Return an address that may be registered; raise Invalid `redirect_uri_invalid` for any other.

    https anywhere. Native applications may also have a private scheme with a dot, such as
    `com.example.app:/signed-in`, or http on a loopback address (RFC 8252), where any port will match.
    """
    parts = _split(uri)
    is_https = parts is not None and parts.scheme == "https" and bool(parts.hostname)
    is_private = parts is not None and is_native and _is_private(parts)
    is_loopback = parts is not None and is_native and parts.scheme == "http" and _host(parts) in _LOOPBACK
    if not (is_https or is_private or is_loopback):
        raise Invalid(
            "redirect_uri_invalid",
            "A redirect URI is an https address without a fragment; a native application's may also be a "
            "private scheme with a dot or http on 127.0.0.1 or [::1].",
        )
    return uri


def matches(asked: str, registered: Iterable[str]) -> bool:
    """Answer whether an address equals a registered one; of a loopback address the port is not compared.

    >>> matches("http://127.0.0.1:51004/done", ["http://127.0.0.1/done"])
    True
    >>> matches("https://app.example/done?x=1", ["https://app.example/done"])
    False
    """
    known = set(registered)
    if asked in known:
        return True
    parts = _split(asked)
    if parts is None or parts.scheme != "http" or _host(parts) not in _LOOPBACK:
        return False
    return _without_port(parts) in {_without_port(found) for uri in known if (found := _split(uri))}


def with_parameters(uri: str, parameters: Mapping[str, str | None]) -> str:
    """Return an address with parameters added to its query; those that are None are left out."""
    added = urlencode({name: value for name, value in parameters.items() if value is not None})
    separator = "&" if urlsplit(uri).query else ("" if uri.endswith("?") else "?")
    return f"{uri}{separator}{added}" if added else uri


def origin_of(uri: str) -> str:
    """Return what a content security policy calls the place of an address."""
    parts = urlsplit(uri)
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else f"{parts.scheme}:"


def _split(uri: str) -> SplitResult | None:
    # What parsers read differently is no address at all: backslashes, dots, credentials, odd characters.
    if not 0 < len(uri) <= _LONGEST or _FORBIDDEN.search(uri):
        return None
    try:
        parts = urlsplit(uri)
        _ = parts.port
    except ValueError:
        return None
    return None if "@" in parts.netloc else parts


def _is_private(parts: SplitResult) -> bool:
    return bool(_PRIVATE_SCHEME.fullmatch(parts.scheme)) and not parts.netloc and bool(parts.path)


def _host(parts: SplitResult) -> str:
    return parts.netloc.rpartition(":")[0] if parts.port is not None else parts.netloc


def _without_port(parts: SplitResult) -> str:
    return parts._replace(netloc=_host(parts)).geturl()
