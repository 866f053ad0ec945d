"""The browser beside the app, in which somebody signs in: where it comes back to."""

from typing import Final
from urllib.parse import urlsplit

import flet as ft

DEVICE_CALLBACK: Final = "app.cardwright.mobile:/signed-in"


def callback(page: ft.Page) -> str:
    """Return where the browser comes back to: our own address on the web, a scheme of ours on a phone."""
    if not page.web:
        return DEVICE_CALLBACK
    # Flet names the address of its socket. Loopback redirects may have any port (RFC 8252), so the app may be
    # served at whichever is free.
    address = urlsplit(page.url or "")
    scheme = {"ws": "http", "wss": "https"}.get(address.scheme, address.scheme)
    return f"{scheme}://{address.netloc}/signed-in"
