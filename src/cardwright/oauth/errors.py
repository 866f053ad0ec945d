"""What OAuth endpoints answer when they refuse: the RFCs' own JSON, which clients' libraries read."""

from collections.abc import Mapping
from typing import Final


class OAuthError(Exception):
    """A refusal; `error` is a registered code, `description` is for developers and holds no secret."""

    def __init__(
        self, error: str, description: str, *, status: int = 400, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(f"{error}: {description}")
        self.error: Final = error
        self.description: Final = description
        self.status: Final = status
        self.headers: Final = dict(headers or {})


def invalid_request(description: str) -> OAuthError:
    """Something is missing, repeated or of the wrong shape."""
    return OAuthError("invalid_request", description)


def invalid_grant(description: str) -> OAuthError:
    """A code or a refresh token is not good here and now."""
    return OAuthError("invalid_grant", description)


def invalid_scope(description: str) -> OAuthError:
    """A scope is unknown, or more than the client may ask for."""
    return OAuthError("invalid_scope", description)


def invalid_client(*, by_basic: bool = False) -> OAuthError:
    """The client is unknown or did not prove itself; both look the same from outside."""
    headers = {"WWW-Authenticate": 'Basic realm="oauth", charset="UTF-8"'} if by_basic else {}
    return OAuthError(
        "invalid_client", "The client is not known or did not prove itself.", status=401, headers=headers
    )


def invalid_proof(description: str) -> OAuthError:
    """The DPoP proof is missing or does not fit this request."""
    return OAuthError("invalid_dpop_proof", description)


def unauthorized_client(description: str) -> OAuthError:
    """The client may not use this grant or endpoint."""
    return OAuthError("unauthorized_client", description)
