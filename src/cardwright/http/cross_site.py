"""Requests that another site made a browser send: told apart by what browsers say of every request."""

from typing import Final
from urllib.parse import urlsplit

from fastapi import Request

from cardwright.core.errors import Forbidden

CSRF_HEADER: Final = "X-CSRF-Protection"
_CSRF_VALUE: Final = "1"
_SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_OWN_SITES: Final = frozenset({"same-origin", "none"})


class CrossSiteGate:
    """Lets pass what our own pages ask for; `public_url` is where browsers find us."""

    def __init__(self, public_url: str) -> None:
        parts = urlsplit(public_url)
        self._origin = f"{parts.scheme}://{parts.netloc}"

    def ensure_deliberate(self, request: Request) -> None:
        """Raise Forbidden `cross_site_refused` unless a request that a cookie vouches for is our own page's.

        A safe method changes nothing and passes. Any other needs the browser's word that it comes from this
        origin, and a header that no form can send and no other origin is given leave to send.
        """
        if request.method in _SAFE_METHODS:
            return
        headers = request.headers.getlist(CSRF_HEADER)
        if not self._is_from_here(request) or headers != [_CSRF_VALUE]:
            raise _refused()

    def ensure_from_here(self, request: Request) -> None:
        """Raise Forbidden `cross_site_refused` unless the browser says that one of our own pages asks."""
        if not self._is_from_here(request):
            raise _refused()

    def ensure_not_foreign(self, request: Request) -> None:
        """Raise Forbidden `cross_site_refused` when a browser says that another site asks.

        For requests that no cookie vouches for but that set one: whoever is no browser says nothing.
        """
        says_nothing = not request.headers.getlist("sec-fetch-site") and not request.headers.getlist("origin")
        if not says_nothing and not self._is_from_here(request):
            raise _refused()

    def _is_from_here(self, request: Request) -> bool:
        sites = request.headers.getlist("sec-fetch-site")
        if sites:
            return len(sites) == 1 and sites[0] in _OWN_SITES
        return request.headers.getlist("origin") == [self._origin]


def _refused() -> Forbidden:
    return Forbidden(
        "cross_site_refused",
        f"Requests with a session's cookie come from our own pages, with the header {CSRF_HEADER}: 1.",
    )
