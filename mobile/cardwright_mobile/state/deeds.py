"""What somebody does that may need a strong factor: kept while the browser asks for one, and then done."""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import flet as ft

from cardwright_mobile.api.client import Client
from cardwright_mobile.state.reading import Reading


async def _refuse(client: Client, challenge_id: str) -> object:
    return await client.refuse(challenge_id, report_fraud=False)


async def _report(client: Client, challenge_id: str) -> object:
    return await client.refuse(challenge_id, report_fraud=True)


async def _say_yes(client: Client, question_id: str) -> object:
    return await client.answer(question_id, "yes")


async def _say_no(client: Client, question_id: str) -> object:
    return await client.answer(question_id, "no")


async def _unlock(client: Client, card_id: str) -> object:
    return await client.lock_to(card_id, None)


_DOING: Final[Mapping[str, Callable[..., Awaitable[object]]]] = {
    "approve": Client.approve,
    "refuse": _refuse,
    "report": _report,
    "yes": _say_yes,
    "no": _say_no,
    "report_payment": Client.report_fraud,
    "reveal": Client.reveal,
    "limits": Client.set_limits,
    "lock": Client.lock_to,
    "unlock": _unlock,
    "allow": Client.allow,
    "end_exception": Client.end_exception,
    "end_session": Client.end_session,
    "end_connection": Client.end_connection,
    "end_others": Client.end_other_sessions,
}


@dataclass(frozen=True, slots=True)
class Deed:
    """One thing that somebody wants done, by its name and what it is about."""

    name: str
    about: tuple[Any, ...] = ()

    def written(self) -> str:
        """Return the deed as text, to be found again when the browser comes back."""
        return json.dumps([self.name, *self.about])

    @classmethod
    def read(cls, text: str) -> "Deed | None":
        """Return a deed that was written; None where the text is none of ours."""
        try:
            name, *about = json.loads(text)
        except (TypeError, ValueError):
            return None
        return cls(name, tuple(about)) if name in _DOING else None


@ft.observable
@dataclass
class Deeds(Reading):
    """What is being done now; nothing is done twice at once."""

    doing: Deed | None = None

    async def do(self, client: Client, deed: Deed) -> object:
        """Do it and return what it brought, which is nothing of worth (False) where it did not work.

        SignedOut and StepUpNeeded pass through.
        """
        if self.doing is not None:
            return False
        self.doing = deed
        self.trouble = self.detail = ""
        try:
            brought = await self.attempt(_DOING[deed.name](client, *deed.about))
        finally:
            self.doing = None
        return False if self.trouble else brought or True
