"""Who is signed in on this device."""

from dataclasses import dataclass, field
from typing import Final

import flet as ft
import httpx

from cardwright_mobile.api import sign_in
from cardwright_mobile.api.client import Client
from cardwright_mobile.api.intents import Intents
from cardwright_mobile.api.problems import ApiError
from cardwright_mobile.device.storage import Storage
from cardwright_mobile.state.deeds import Deed

_TOKENS: Final = "cardwright.tokens"
_ATTEMPT: Final = "cardwright.attempt"


@dataclass(frozen=True, slots=True)
class Arrival:
    """What coming back from the browser led to: where to go on, and what was to be done there."""

    place: str = "/"
    deed: Deed | None = None
    is_signed_in: bool = False
    is_step_up: bool = False

    def __bool__(self) -> bool:
        return self.is_signed_in


@ft.observable
@dataclass
class Session:
    """`client` is there while somebody is signed in; `is_known` once the device was asked for tokens."""

    http: httpx.AsyncClient
    storage: Storage
    client: Client | None = None
    is_known: bool = False
    trouble: str = ""
    detail: str = ""
    intents: Intents = field(default_factory=Intents)
    """Outlives the tokens: what was asked for before they were renewed is still the same wish."""

    async def begin(self) -> None:
        """Find the tokens that the device kept."""
        text = await self.storage.get(_TOKENS)
        tokens = sign_in.Tokens.read(text) if text else None
        if tokens is not None:
            self.client = Client(self.http, tokens, self._keep, self.intents)
        self.is_known = True

    async def address_to_sign_in(self, redirect_uri: str) -> str:
        """Return where the browser goes; what has to be known when it comes back is kept."""
        return await self._address_of(sign_in.Attempt(redirect_uri))

    async def address_to_step_up(self, redirect_uri: str, place: str, deed: Deed | None) -> str:
        """Return where the browser goes to have a strong factor used, for what is done when it comes back."""
        attempt = sign_in.Attempt(redirect_uri, place, deed.written() if deed else "", is_step_up=True)
        return await self._address_of(attempt)

    async def come_back(self, address: str) -> Arrival:
        """Turn the code that came back into tokens, and tell where that leads."""
        text = await self.storage.get(_ATTEMPT)
        await self.storage.remove(_ATTEMPT)
        attempt = sign_in.Attempt.read(text) if text else None
        if attempt is None:
            # A page that is loaded again: the code was used, and nothing is wrong where tokens are.
            return Arrival(is_signed_in=self.client is not None)
        try:
            tokens = await sign_in.exchange(self.http, attempt, attempt.code_in(address))
        except ApiError as error:
            self.trouble, self.detail = error.code, error.detail
            return Arrival(attempt.place, is_step_up=attempt.is_step_up)
        before = self.client
        await self._keep(tokens)
        self.client = Client(self.http, tokens, self._keep, self.intents)
        if before is not None:
            await before.give_back()
        deed = Deed.read(attempt.deed)
        return Arrival(attempt.place, deed, is_signed_in=True, is_step_up=attempt.is_step_up)

    async def sign_out(self) -> None:
        """End the session, here and at the server."""
        client, self.client = self.client, None
        self.intents = Intents()
        if client is not None:
            await client.sign_out()

    async def end(self) -> None:
        """Forget tokens that the server does not know any more."""
        self.client = None
        self.trouble = "signed_out"
        await self._keep(None)

    async def _address_of(self, attempt: sign_in.Attempt) -> str:
        self.trouble = self.detail = ""
        await self.storage.put(_ATTEMPT, attempt.written())
        return attempt.address(str(self.http.base_url).rstrip("/"))

    async def _keep(self, tokens: sign_in.Tokens | None) -> None:
        if tokens is None:
            await self.storage.remove(_TOKENS)
        else:
            await self.storage.put(_TOKENS, tokens.written())
