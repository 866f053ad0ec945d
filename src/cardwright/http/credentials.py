"""The credentials that a request carries, read once and in one way."""

from fastapi import Request

_SCHEMES = ("bearer", "dpop")


def access_token(request: Request) -> tuple[str, str | None]:
    """Return the scheme in lower case and the token of `Authorization: Bearer …` or `DPoP …`.

    The token is None when the header is absent, repeated or of another kind.
    """
    given = request.headers.getlist("authorization")
    scheme, _, token = (given[0] if len(given) == 1 else "").partition(" ")
    is_known = scheme.lower() in _SCHEMES and bool(token.strip())
    return scheme.lower(), token.strip() if is_known else None


def bearer_token(request: Request) -> str | None:
    """Return the token of `Authorization: Bearer …`, or None when the header is absent or of another kind."""
    scheme, token = access_token(request)
    return token if scheme == "bearer" else None


def challenge(request: Request) -> str:
    """Return what the WWW-Authenticate header of a 401 asks for, in the scheme that the client speaks."""
    return "DPoP" if access_token(request)[0] == "dpop" else "Bearer"
