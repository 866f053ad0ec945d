"""How the app asks the server: with tokens, their proofs, and keys for what happens once."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from hashlib import sha256
from typing import Any, Final, TypeVar
from uuid import uuid4

import httpx

from cardwright_mobile.api import sign_in
from cardwright_mobile.api.decoding import decoded
from cardwright_mobile.api.intents import Intents
from cardwright_mobile.api.problems import SignedOut, Unreachable, raise_where_more_is_asked, refusal_of

T = TypeVar("T")
_UNAUTHORIZED: Final = 401
_STREAM: Final = "/v1/me/stream"
_QUIET_SECONDS: Final = 25.0
"""A stream says something every fifteen seconds, and be it that there is nothing."""
Keep = Callable[[sign_in.Tokens | None], Awaitable[None]]
"""Puts tokens into the device's safe place; None when there are none any more."""


class Caller:
    """Calls for somebody who signed in; tokens are renewed as they run out, one renewal at a time.

    Every call raises Refused, Unreachable, or SignedOut when the tokens are worth nothing any more.
    """

    def __init__(
        self, http: httpx.AsyncClient, tokens: sign_in.Tokens, keep: Keep, intents: Intents | None = None
    ) -> None:
        self._http = http
        self._tokens = tokens
        self._keep = keep
        self._intents = intents or Intents()
        self._renewing = asyncio.Lock()

    async def give_back(self) -> None:
        """End these tokens at the server; others took their place."""
        await sign_in.give_back(self._http, self._tokens)

    async def sign_out(self) -> None:
        """Give the tokens back and forget them."""
        await self.give_back()
        await self._keep(None)

    async def _get(self, model: type[T], path: str, **params: Any) -> T:
        return decoded(model, await self._call("GET", path, params=params))

    async def _post(self, model: type[T], path: str, body: Any = None) -> T:
        """Send what may be sent again, as it only sets how something stands."""
        headers = {"Idempotency-Key": str(uuid4())}
        return decoded(model, await self._call("POST", path, json=body, headers=headers))

    async def _create(self, model: type[T], path: str, body: Any = None) -> T:
        """Send what must happen once: sent again after its answer was lost, it has the same key."""

        async def act(key: str) -> T:
            headers = {"Idempotency-Key": key}
            return decoded(model, await self._call("POST", path, json=body, headers=headers))

        wish = sha256(json.dumps([path, body], sort_keys=True).encode()).hexdigest()
        return await self._intents.fulfil(wish, act)

    async def _patch(self, model: type[T], path: str, body: Any) -> T:
        return decoded(model, await self._call("PATCH", path, json=body))

    async def _put(self, model: type[T], path: str, body: Any) -> T:
        return decoded(model, await self._call("PUT", path, json=body))

    async def _delete(self, path: str) -> None:
        await self._call("DELETE", path)

    async def _call(
        self, method: str, path: str, headers: Mapping[str, str] | None = None, **rest: Any
    ) -> Any:
        used = await self._fresh()
        response = await self._send(method, path, used, headers or {}, **rest)
        if response.status_code == _UNAUTHORIZED:
            raise_where_more_is_asked(response)
            used = await self._renewed(used)
            response = await self._send(method, path, used, headers or {}, **rest)
            if response.status_code == _UNAUTHORIZED:
                raise_where_more_is_asked(response)
                raise SignedOut
        if not response.is_success:
            raise refusal_of(response)
        return response.json() if response.content else None

    async def changes(self) -> AsyncIterator[str]:
        """Yield the kinds of what changes, for half a minute: a proof is good for one look.

        The first one is `open`. It ends by itself; Unreachable and Refused where there is no stream.
        """
        tokens = await self._fresh()
        shown = self._shown("GET", _STREAM, tokens)
        try:
            async with self._http.stream("GET", _STREAM, headers=shown, timeout=_QUIET_SECONDS) as answer:
                if answer.status_code == _UNAUTHORIZED:
                    raise SignedOut
                if not answer.is_success:
                    await answer.aread()
                    raise refusal_of(answer)
                yield "open"
                async for line in answer.aiter_lines():
                    name, _, value = line.partition(": ")
                    if name == "event":
                        yield value
        except httpx.TransportError as error:
            raise Unreachable from error

    async def _send(
        self, method: str, path: str, tokens: sign_in.Tokens, headers: Mapping[str, str], **rest: Any
    ) -> httpx.Response:
        shown = {**self._shown(method, path, tokens), **headers}
        try:
            return await self._http.request(method, path, headers=shown, **rest)
        except httpx.TransportError as error:
            raise Unreachable from error

    def _shown(self, method: str, path: str, tokens: sign_in.Tokens) -> dict[str, str]:
        token = tokens.access_token
        proof = tokens.key.proof(method, str(self._http.base_url.join(path)), token)
        return {"Authorization": f"DPoP {token}", "DPoP": proof}

    async def _fresh(self) -> sign_in.Tokens:
        return await self._renewed(self._tokens) if self._tokens.is_stale else self._tokens

    async def _renewed(self, used: sign_in.Tokens) -> sign_in.Tokens:
        async with self._renewing:
            # Whoever waited here finds the tokens renewed by somebody else: each renews one generation only.
            if self._tokens is used:
                self._tokens = await sign_in.renew(self._http, used)
                await self._keep(self._tokens)
        return self._tokens
