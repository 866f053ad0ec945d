"""Tokens as the server signs them, and as it never would."""

import base64
import json
from collections.abc import Mapping
from typing import Any

from joserfc import jwt
from joserfc.jwk import Key, OKPKey
from sqlalchemy.ext.asyncio import AsyncEngine

from cardwright.core.clock import Clock
from cardwright.db.session import transaction
from cardwright.encryption import open_sealed
from cardwright.oauth.store.keys import PRIVATE_KEY, KeyState, find_key
from integration.kyc.people import the_program


def encoded(value: Any) -> str:
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def parts(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    header, payload, _ = token.split(".")
    return json.loads(base64.urlsafe_b64decode(header + "==")), json.loads(
        base64.urlsafe_b64decode(payload + "==")
    )


async def server_key(engine: AsyncEngine, clock: Clock, state: KeyState = KeyState.ACTIVE) -> OKPKey:
    """Return the private key that the server signs with, which no attacker has."""
    async with transaction(engine) as session:
        program = await the_program(session)
        stored = await find_key(session, program.id, state)
        assert stored is not None
        opened = await open_sealed(session, PRIVATE_KEY.place(stored.id, program.id), stored.private_key)
    return OKPKey.import_key(json.loads(opened))


def signed_again(
    token: str, key: Key, *, header: Mapping[str, Any] = {}, claims: Mapping[str, Any] = {}, without: str = ""
) -> str:
    """Sign a genuine token anew, with some of its header or claims changed or left out."""
    good_header, good_claims = parts(token)
    head = {**good_header, **header}
    made = {name: value for name, value in {**good_claims, **claims}.items() if name != without}
    return jwt.encode(head, made, key, algorithms=[str(head["alg"])])
