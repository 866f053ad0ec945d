"""Tokens of links and buttons: a few facts under a signature with the key of codes, stored nowhere."""

import binascii
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from typing import Any

from cardwright.authentication import EmailCodes
from cardwright.core.errors import NotFound


def sign(codes: EmailCodes, use: str, facts: Sequence[str | int]) -> str:
    """Return the token of some facts for one use, always the same."""
    body = urlsafe_b64encode(json.dumps(facts, separators=(",", ":")).encode()).rstrip(b"=").decode()
    return f"{body}.{codes.token(use, body)}"


def signed_facts(codes: EmailCodes, use: str, token: str) -> list[Any]:
    """Return the facts of a token; NotFound `link_invalid` for one that we did not make for this use."""
    body, _, proof = token.partition(".")
    if not token.isascii() or not codes.is_token(use, body, proof):
        raise link_invalid()
    try:
        facts: list[Any] = json.loads(urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    except (ValueError, binascii.Error):
        raise link_invalid() from None
    return facts


def link_invalid() -> NotFound:
    """Return the refusal of a token that is not good, whatever is wrong with it."""
    return NotFound("link_invalid", "This link is not valid, or not any more.")
