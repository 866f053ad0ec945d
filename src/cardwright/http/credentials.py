"""The credentials that a request carries, read once and in one way."""

from fastapi import Request


def bearer_token(request: Request) -> str | None:
    """Return the token of `Authorization: Bearer …`, or None when the header is absent or of another kind."""
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" and token.strip() else None
