"""Lists, screenings and hits: their states, and what becomes of a hit when it is found again."""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from cardwright.core.errors import Conflict
from cardwright.kyc.screening.births import Agreement, Birth
from cardwright.kyc.screening.matching import Listed, Match

DEFAULT_THRESHOLD: Final = 85
SECOND_LOOK: Final = 95
"""A hit of this score or more is dismissed by an administrator only."""
LIST_NAME_PATTERN: Final = "^[a-z][a-z0-9_-]{0,31}$"


@dataclass(frozen=True, slots=True)
class ScreeningRules:
    """From which score on, of 100, somebody listed is a hit."""

    threshold: int = DEFAULT_THRESHOLD


class HitState(StrEnum):
    """Where a hit stands; outdated is one whose entry left the list before anybody decided."""

    OPEN = "open"
    CONFIRMED = "confirmed"
    DISMISSED = "dismissed"
    OUTDATED = "outdated"


class Standing(StrEnum):
    """Where a person stands: unscreened until they were held against a list, as none may be imported."""

    UNSCREENED = "unscreened"
    CLEAR = "clear"
    OPEN = "open"
    CONFIRMED = "confirmed"


class Outcome(StrEnum):
    """What one screening found: hits are those that stand open or confirmed after it."""

    CLEAR = "clear"
    HITS = "hits"


class Occasion(StrEnum):
    """Why somebody was screened."""

    PROFILE = "profile"
    SUBMISSION = "submission"
    APPROVAL = "approval"
    NIGHTLY = "nightly"
    IMPORT = "import"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class ScreeningList:
    """An imported file; `version` is the SHA-256 of what was imported, `entries` the persons in it."""

    id: str
    program_id: str
    name: str
    shape: str
    version: str
    entries: int
    skipped: int
    unread_births: int
    imported_by: str
    imported_at: datetime
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class Hit:
    """A person of the program who may be somebody listed, without the person's name: that is sealed.

    `subject_print` and `entry_print` change with the person's name or date of birth, and with the entry's.
    """

    id: str
    program_id: str
    user_id: str
    list_name: str
    reference: str
    listed_name: str
    listed_names: tuple[str, ...]
    births: tuple[Birth, ...]
    countries: tuple[str, ...]
    programs: str
    score: int
    name_score: int
    agreement: Agreement
    subject_print: str
    entry_print: str
    state: HitState
    version: int
    found_at: datetime
    changed_at: datetime
    decided_at: datetime | None = None
    decided_by: str | None = None

    @property
    def pair(self) -> tuple[str, str]:
        """Who of which list it is about: the same through all versions of the list."""
        return self.list_name, self.reference


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom a match is about, and the print of their name and date of birth."""

    program_id: str
    user_id: str
    print: str


def entry_print(listed: Listed) -> str:
    """Return what changes whenever the names or dates of an entry do."""
    told = "\n".join(("|".join(listed.names), "|".join(map(str, listed.births))))
    return hashlib.sha256(told.encode()).hexdigest()


def new_hit(hit_id: str, subject: Subject, match: Match, at: datetime) -> Hit:
    """Return the open hit of a match."""
    listed = match.listed
    return Hit(
        hit_id, subject.program_id, subject.user_id, listed.list_name, listed.reference, match.listed_name,
        listed.names, listed.births, listed.countries, listed.programs, match.score, match.name_score,
        match.births, subject.print, entry_print(listed), HitState.OPEN, 1, at, at,
    )  # fmt: skip


def find_again(hit: Hit, subject: Subject, match: Match, at: datetime) -> Hit:
    """Return a hit after its pair matched again; itself when neither side changed.

    What was dismissed stays so until the entry, or the person's name or date of birth, is another. What was
    confirmed stays confirmed.
    """
    fresh = new_hit(hit.id, subject, match, at)
    is_known = (hit.subject_print, hit.entry_print) == (fresh.subject_print, fresh.entry_print)
    if is_known and hit.state is not HitState.OUTDATED:
        # Another way of scoring may have come in between; only what waits for somebody follows it.
        return (
            replace(hit, score=fresh.score, name_score=fresh.name_score)
            if hit.state is HitState.OPEN
            else hit
        )
    is_confirmed = hit.state is HitState.CONFIRMED
    return replace(
        fresh, version=hit.version + 1, found_at=hit.found_at,
        state=hit.state if is_confirmed else HitState.OPEN,
        decided_at=hit.decided_at if is_confirmed else None,
        decided_by=hit.decided_by if is_confirmed else None,
    )  # fmt: skip


def outdate(hit: Hit, at: datetime) -> Hit:
    """Return an open hit whose entry is on the list no more."""
    return replace(hit, state=HitState.OUTDATED, version=hit.version + 1, changed_at=at)


def decide(hit: Hit, after: HitState, *, version: int, by: str, is_administrator: bool, at: datetime) -> Hit:
    """Return a hit as somebody decided it.

    Raises Conflict `hit_changed` when it is not as they read it, `hit_decided` when it was decided or is
    outdated and they are no administrator, and `second_look_required` for dismissing, or undoing a
    confirmation of, what an administrator alone may.
    """
    if hit.version != version:
        raise Conflict("hit_changed", "The hit has changed since you read it; read it again.")
    if hit.state is after:
        raise Conflict("hit_decided", f"The hit is {hit.state} already.")
    if hit.state is not HitState.OPEN and not is_administrator:
        raise Conflict("hit_decided", f"The hit is {hit.state}; an administrator may decide otherwise.")
    if after is HitState.DISMISSED and hit.score >= SECOND_LOOK and not is_administrator:
        raise Conflict(
            "second_look_required",
            f"A hit of {SECOND_LOOK} or more is dismissed by an administrator.", score=hit.score,
        )  # fmt: skip
    return replace(hit, state=after, version=hit.version + 1, changed_at=at, decided_at=at, decided_by=by)


def lists_version(lists: list[ScreeningList]) -> str:
    """Return what changes whenever one of the lists in use does."""
    told = "\n".join(sorted(f"{it.name}:{it.version}" for it in lists))
    return hashlib.sha256(told.encode()).hexdigest()
