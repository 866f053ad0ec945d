"""Comparing what vendors reported with what is recorded here, kind by kind and a few hundred at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from cardwright.db.session import Session
from cardwright.reconciliation import reported_store, store
from cardwright.reconciliation.domain import Found, Ours, Settled, Stream, Theirs
from cardwright.reconciliation.kinds import RecordKind, Scope
from cardwright.reconciliation.reported_store import Reading, Whose

AT_ONCE: Final = 200


@dataclass(frozen=True, slots=True)
class Compared:
    """One subject with all four views and in what they differ; None while it is too young to judge."""

    external_id: str
    theirs: Theirs | None
    settled: Settled | None
    ours: Ours | None
    found: Sequence[Found] | None

    @property
    def happened_at(self) -> datetime:
        """When the money moved, as the vendor dates it where it does."""
        if self.settled is not None:
            return self.settled.first_at
        if self.theirs is not None:
            return self.theirs.happened_at
        assert self.ours is not None  # noqa: S101 - what no view has is not compared
        return self.ours.happened_at or self.ours.recorded_at

    @property
    def currency(self) -> str:
        """The currency of the first view that has one, ours before theirs."""
        [currency, *_] = [it.currency for it in (self.ours, self.settled, self.theirs) if it is not None]
        return currency

    def shown(self) -> tuple[Mapping[str, Any] | None, Mapping[str, Any] | None]:
        """Return both sides as they are kept with a difference."""
        return _shown_theirs(self.theirs, self.settled), _shown_ours(self.ours)


async def subjects_of(
    session: Session, kind: RecordKind, whose: Whose, reading: Reading, as_of: datetime
) -> Sequence[str]:
    """Return whatever a run has to compare of a kind: known there, known here, or differing before."""
    scope = Scope(whose.program_id, whose.source, reading.since, as_of)
    listed: Sequence[str] = ()
    if kind.stream is not None:
        listed = await reported_store.subjects_between(
            session, whose, kind.stream, None, reading.since, by_movement=kind.by_movement
        )
    settled = await reported_store.subjects_between(
        session, whose, Stream.MOVEMENTS, kind.movements, reading.since, by_movement=kind.by_movement
    )
    ours = await kind.ours_ids(session, scope)
    before = await store.unclosed_subjects(session, whose.program_id, whose.source, kind.name)
    return sorted({*listed, *settled, *ours, *before})


async def compare(
    session: Session, kind: RecordKind, whose: Whose, reading: Reading, external_ids: Sequence[str], *,
    young_since: datetime | None,
) -> Sequence[Compared]:  # fmt: skip
    """Compare some subjects; those that moved since `young_since` on either side are left for later."""
    theirs = await _theirs(session, kind, whose, external_ids)
    settled = await reported_store.settled_of(
        session, whose, kind.movements, external_ids, by_movement=kind.by_movement
    )
    scope = Scope(whose.program_id, whose.source, reading.since, reading.until)
    ours = await kind.ours(session, scope, external_ids)
    copies = await _copies(session, kind, whose, scope, theirs, ours)
    compared = []
    for external_id in external_ids:
        there, here = theirs.get(external_id), ours.get(external_id)
        moved = _covered(kind, settled.get(external_id), there, reading)
        if (there, here, moved) == (None, None, None):
            compared.append(Compared(external_id, None, None, None, ()))
            continue
        found = None
        if _is_comparable(there, moved, here, reading, young_since):
            found = kind.compare(there, moved, here, is_copy=external_id in copies)
        compared.append(Compared(external_id, there, moved, here, found))
    return compared


async def _theirs(
    session: Session, kind: RecordKind, whose: Whose, external_ids: Sequence[str]
) -> Mapping[str, Theirs]:
    if kind.stream is None:
        return {}
    found = await reported_store.theirs_of(session, whose, kind.stream, external_ids)
    # What moved no money, such as a payment that was not finished, is nothing to compare.
    return {id_: it for id_, it in found.items() if it.amount or kind.holds}


def _covered(
    kind: RecordKind, settled: Settled | None, theirs: Theirs | None, reading: Reading
) -> Settled | None:
    if not kind.holds:
        return None if settled is None or settled.amount == 0 else settled
    # A hold's movements add up to what is held only when all of them were read.
    if settled is None or settled.amount > 0:
        return None
    began_at = theirs.happened_at if theirs else settled.first_at
    if began_at < reading.covered_since:
        return None
    return Settled(
        -settled.amount, settled.currency, settled.count, settled.copies, settled.first_at, settled.last_at
    )


def _is_comparable(
    theirs: Theirs | None, settled: Settled | None, ours: Ours | None, reading: Reading,
    young_since: datetime | None,
) -> bool:  # fmt: skip
    if settled is None:
        happened_at = theirs.happened_at if theirs else ours.happened_at if ours else None
        if happened_at is not None and happened_at < reading.covered_since:
            return False
    newest = [
        *([settled.last_at] if settled else []),
        *([theirs.happened_at] if theirs else []),
        *([ours.recorded_at] if ours else []),
    ]
    return young_since is None or max(newest) <= young_since


async def _copies(
    session: Session, kind: RecordKind, whose: Whose, scope: Scope, theirs: Mapping[str, Theirs],
    ours: Mapping[str, Ours],
) -> set[str]:  # fmt: skip
    """Return those that one side alone has, while another of the same fingerprint is on both."""
    alone = {
        **{id_: it.fingerprint for id_, it in theirs.items() if id_ not in ours},
        **{id_: it.fingerprint for id_, it in ours.items() if id_ not in theirs},
    }
    if kind.stream is None or not alone:
        return set()
    twins = await reported_store.twins_of(session, whose, kind.stream, list(set(alone.values())))
    others = {id_: [it for it in twins.get(print_, ()) if it != id_] for id_, print_ in alone.items()}
    known = await kind.ours(session, scope, [it for found in others.values() for it in found])
    return {id_ for id_, found in others.items() if any(it in known for it in found)}


def _shown_theirs(theirs: Theirs | None, settled: Settled | None) -> Mapping[str, Any] | None:
    if theirs is None and settled is None:
        return None
    shown: dict[str, Any] = {"listed": None, "settled": None}
    if theirs is not None:
        shown["listed"] = {
            "amount": theirs.amount, "currency": theirs.currency, "variant": theirs.variant,
            "card": theirs.card, "happened_at": theirs.happened_at, "times": theirs.times,
        }  # fmt: skip
    if settled is not None:
        shown["settled"] = {
            "amount": settled.amount, "currency": settled.currency, "movements": settled.count,
            "last_at": settled.last_at,
        }  # fmt: skip
    return shown


def _shown_ours(ours: Ours | None) -> Mapping[str, Any] | None:
    if ours is None:
        return None
    posted = None if ours.posted is None else {"amount": ours.posted, "posted_at": ours.posted_at}
    return {
        "recorded": {
            "amount": ours.amount, "currency": ours.currency, "variant": ours.variant, "card": ours.card,
            "recorded_at": ours.recorded_at, "subject_id": ours.subject_id,
        },
        "posted": posted,
    }  # fmt: skip
