"""Finding people of a program by what staff are told: an id, an address, a card's last digits, a name."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol

from cardwright.authentication import find_registered
from cardwright.core.ids import ID_PATTERN
from cardwright.db.jobs import Work
from cardwright.db.session import Session
from cardwright.programs import list_programs
from cardwright.users import name_store, store
from cardwright.users.naming import words_of

_DIGITS: Final = 4
_INDEXED_AT_ONCE: Final = 500


class Means(StrEnum):
    """What a search was taken for; the trail keeps this, not what was typed."""

    ID = "id"
    EMAIL = "email"
    CARD = "card"
    NAME = "name"


class CardOwners(Protocol):
    """Finds whose a card is, by what is printed on it."""

    async def __call__(
        self, session: Session, program_id: str, last4: str, *, before: str | None, limit: int
    ) -> Sequence[str]:
        """Return the user ids of whoever has or had such a card, newest first, those after `before`."""
        ...


@dataclass(frozen=True, slots=True)
class OwnersByCard:
    """The one place that knows whose a card is."""

    find: CardOwners


def means_of(text: str) -> Means:
    """Tell what somebody looks for.

    >>> [str(means_of(text)) for text in ("ada@people.example", "4242", "Ada Byron")]
    ['email', 'card', 'name']
    """
    if "@" in text:
        return Means.EMAIL
    if len(text) == _DIGITS and text.isascii() and text.isdecimal():
        return Means.CARD
    return Means.ID if re.match(ID_PATTERN, text) else Means.NAME


async def find_ids(
    session: Session, owners: OwnersByCard, text: str, *, program_id: str, before: str | None, limit: int
) -> Collection[str]:
    """Return who fits, newest first, those after the user id `before`."""
    match means_of(text):
        case Means.EMAIL:
            found = await find_registered(session, program_id, text)
            return _one(None if found is None else found.user_id, before)
        case Means.ID:
            return _one(text, before)
        case Means.CARD:
            return await owners.find(session, program_id, text, before=before, limit=limit)
        case Means.NAME:
            if not words_of(text):
                return ()
            return await name_store.ids_named(session, program_id, text, before=before, limit=limit)


async def index_names(work: Work) -> None:
    """Have those found by name who told theirs before names could be looked for."""
    async with work.transaction() as session:
        for program in await list_programs(session):
            ids = await name_store.without_words(session, program.id, limit=_INDEXED_AT_ONCE)
            for user_id, stored in (await store.find_details(session, ids)).items():
                await name_store.save_words(session, program.id, user_id, stored.details.full_name)


def _one(user_id: str | None, before: str | None) -> Collection[str]:
    return () if user_id is None or (before is not None and user_id >= before) else (user_id,)
