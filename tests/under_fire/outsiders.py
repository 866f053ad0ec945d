"""A network and cardholders who ask again until they are answered, whatever dies on the other side.

Each thing that is asked for has one key. It is sent again after an error, at two places at once now and then,
and once more after it was answered: as networks and impatient people do.
"""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

import httpx

from integration.payments.wire import PATH, asking
from proven_people import PASSWORD
from under_fire.books import Told

PATIENCE_SECONDS: Final = 4.0
"""How long one try may take; the network itself would have given up earlier."""
GIVING_UP_SECONDS: Final = 60.0
"""How long somebody goes on asking: by then everything has to run again."""
_PAUSE_SECONDS: Final = 0.05
_AGAIN, _TWICE_AT_ONCE, _MORE, _A_CARD = 0.1, 0.15, 0.1, 0.02
_MOST_CARDS: Final = 12
_FROM_OUR_PAGE: Final = {"X-CSRF-Protection": "1", "Sec-Fetch-Site": "same-origin"}
_OK, _CREATED, _SIGNED_OUT, _STILL_RUNNING, _TOO_MANY = 200, 201, 401, 409, 429
_FAULTS: Final = range(500, 600)


class Payer(Protocol):
    """Who has money and cards, known to the network by `references`."""

    @property
    def user_id(self) -> str:
        """Whose wallet it is."""
        ...

    @property
    def references(self) -> tuple[str, ...]:
        """The network's names of the cards."""
        ...


@dataclass
class Outsiders:
    """Everybody who asks, on processes at `ports`; `purchases` and `cards` are what they asked for."""

    ports: Sequence[int]
    holdings: Mapping[str, Payer]
    """By e-mail address."""
    chance: random.Random
    purchases: list[Told] = field(default_factory=list)
    cards: list[Told] = field(default_factory=list)
    have_begun: asyncio.Event = field(default_factory=asyncio.Event)
    """Set with the first answer."""
    is_over: bool = False
    patience: float = PATIENCE_SECONDS
    cards_share: float = _A_CARD
    """How many of what is asked for are cards, of 1."""
    counts: Counter[str] = field(default_factory=Counter)
    """What became of all tries: `decided`, `stood_in` for, `refused` by an error, `cut_off` unanswered."""
    served: dict[int, float] = field(default_factory=dict)
    """When each client last came to the end of what it asked for."""
    _sessions: dict[str, str] = field(default_factory=dict)

    async def ask_until_over(self, at_once: int) -> None:
        """Ask for one thing after the other, so many at once; what was begun is brought to its end."""
        limits = httpx.Limits(max_connections=4 * at_once, max_keepalive_connections=at_once)
        async with httpx.AsyncClient(limits=limits, timeout=self.patience, trust_env=False) as client:
            for email in self.holdings if self.cards_share else ():
                await self._sign_in(client, email)
            await asyncio.gather(*[self._one_after_the_other(client, number) for number in range(at_once)])

    async def _one_after_the_other(self, client: httpx.AsyncClient, who: int) -> None:
        number = 0
        while not self.is_over:
            number += 1
            email = self.chance.choice([*self.holdings])
            if self.chance.random() < self.cards_share:
                await self._card(client, email, f"card {who}-{number}")
            else:
                await self._purchase(client, self.holdings[email], f"iauth_{who}_{number}")
            self.served[who] = time.monotonic()

    async def _purchase(self, client: httpx.AsyncClient, holding: Payer, reference: str) -> None:
        attempts = 2 if self.chance.random() < _MORE else 1
        card = self.chance.choice(holding.references)
        for attempt in range(attempts):
            told = Told(holding.user_id, f"{reference}:{attempt}", self.chance.randrange(1, 60_00))
            self.purchases.append(told)
            await self._until_answered(client, told, card, reference, attempt)
            if not any(is_approved for is_approved, _ in told.answers):
                # Nobody asks for more where nothing was given.
                return

    async def _until_answered(
        self, client: httpx.AsyncClient, told: Told, card: str, reference: str, attempt: int
    ) -> None:
        async def ask() -> str:
            question = asking(card, told.amount, reference=reference, earlier=attempt)
            answer = await client.post(self._somewhere(PATH), **question)
            content: dict[str, Any] = answer.json() if answer.status_code == _OK else {}
            if "metadata" not in content:
                return "stood_in" if content else "refused"
            told.answers.add((content["approved"], content["metadata"]["decision_id"]))
            return "decided"

        await self._persist(told, ask)

    async def _card(self, client: httpx.AsyncClient, email: str, label: str) -> None:
        holder_id = self.holdings[email].user_id
        if sum(it.holder_id == holder_id for it in self.cards) >= _MOST_CARDS:
            return
        told = Told(holder_id, label)
        self.cards.append(told)

        async def ask() -> str:
            headers = {**_FROM_OUR_PAGE, "Idempotency-Key": label, "Cookie": self._sessions[email]}
            answer = await client.post(self._somewhere("/v1/cards"), json={"label": label}, headers=headers)
            if answer.status_code == _SIGNED_OUT:
                # Where commits are lost, so is a session.
                await self._sign_in(client, email)
                return "refused"
            # What is refused for good would be the drill's own mistake.
            assert answer.status_code in {_CREATED, _STILL_RUNNING, _TOO_MANY, *_FAULTS}, answer.text
            if answer.status_code != _CREATED:
                return "refused"
            told.answers.add((True, answer.json()["id"]))
            return "decided"

        await self._persist(told, ask)

    async def _sign_in(self, client: httpx.AsyncClient, email: str) -> None:
        told = {"email": email, "password": PASSWORD}
        answer = await client.post(self._somewhere("/v1/auth/sign-in"), json=told)
        while answer.status_code == _TOO_MANY:
            await asyncio.sleep(float(answer.headers["Retry-After"]))
            answer = await client.post(self._somewhere("/v1/auth/sign-in"), json=told)
        answer.raise_for_status()
        # As a header: the clients are one, and whoever signs in last would be everybody.
        self._sessions[email] = "; ".join(f"{name}={value}" for name, value in answer.cookies.items())
        client.cookies.clear()

    async def _persist(self, told: Told, ask: Callable[[], Awaitable[str]]) -> None:
        """Ask until it is answered, now and then at two places at once or once more."""

        async def tried() -> bool:
            try:
                came_to = await ask()
            except httpx.HTTPError:
                came_to = "cut_off"
            told.tries[came_to] += 1
            self.counts[came_to] += 1
            return came_to == "decided"

        until = time.monotonic() + GIVING_UP_SECONDS
        while time.monotonic() < until:
            at_once = 2 if self.chance.random() < _TWICE_AT_ONCE else 1
            if any(await asyncio.gather(*[tried() for _ in range(at_once)])):
                self.have_begun.set()
                if self.chance.random() < _AGAIN:
                    await tried()
                return
            await asyncio.sleep(_PAUSE_SECONDS * (1 + self.chance.random()))

    def _somewhere(self, path: str) -> str:
        return f"http://127.0.0.1:{self.chance.choice(self.ports)}{path}"
