"""Which device a session is in: a name for people, and whether its owner signed in there before."""

import re
import secrets
from hashlib import sha256
from typing import Final

_BROWSERS: Final = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS: Final = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)
_BROWSER_ID_BYTES: Final = 32
_BROWSER_ID: Final = re.compile(r"[A-Za-z0-9_-]{43}")


def device_name(user_agent: str | None) -> str:
    """Return what people call a device, made of words of ours alone: anybody may claim anything of theirs.

    >>> device_name("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/156.0.0.0 Safari/537.36")
    'Chrome on Linux'
    >>> device_name("curl/8.5.0")
    'Unknown device'
    """
    browser = _first(_BROWSERS, user_agent or "")
    system = _first(_SYSTEMS, user_agent or "")
    if browser is None or system is None:
        return browser or system or "Unknown device"
    return f"{browser} on {system}"


def new_browser_id() -> str:
    """Return 256 random bits as text, for a cookie by which a browser is known again."""
    return secrets.token_urlsafe(_BROWSER_ID_BYTES)


def browser_hash(browser_id: str | None) -> str | None:
    """Return what is stored of a browser's cookie; None for what we did not make."""
    if browser_id is None or not _BROWSER_ID.fullmatch(browser_id):
        return None
    return sha256(browser_id.encode()).hexdigest()


def _first(known: tuple[tuple[str, str], ...], user_agent: str) -> str | None:
    return next((name for mark, name in known if mark in user_agent), None)
