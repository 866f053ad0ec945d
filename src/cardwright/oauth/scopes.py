"""Scopes: the permissions of the one table by their own names, and what OpenID Connect adds."""

from collections.abc import Iterable
from typing import Final, get_args

from cardwright.access import Permission
from cardwright.oauth.domain import OFFLINE
from cardwright.oauth.errors import invalid_scope

OPENID: Final = "openid"
IDENTITY_SCOPES: Final = frozenset({OPENID, "profile", "email", "phone", "address", OFFLINE})
PERMISSION_SCOPES: Final[frozenset[str]] = frozenset(get_args(Permission))
KNOWN_SCOPES: Final = IDENTITY_SCOPES | PERMISSION_SCOPES


def read_scopes(text: str, allowed: Iterable[str]) -> frozenset[str]:
    """Return the scopes of a space-separated list; raise OAuthError `invalid_scope` beyond `allowed`."""
    asked = frozenset(text.split(" ")) - {""}
    if not asked:
        raise invalid_scope("Ask for at least one scope.")
    if not asked <= frozenset(allowed):
        raise invalid_scope("A scope is unknown, or more than this client may ask for.")
    return asked


def scope_text(scopes: Iterable[str]) -> str:
    """Return scopes as OAuth writes them, always in the same order.

    >>> scope_text({"profile", "openid"})
    'openid profile'
    """
    return " ".join(sorted(scopes))
