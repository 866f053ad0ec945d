"""Holding people against the lists in use, and keeping what is found."""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cardwright import audit, users
from cardwright.core.errors import Unavailable
from cardwright.core.ids import new_id
from cardwright.db import outbox
from cardwright.db.jobs import Work
from cardwright.db.outbox import Event
from cardwright.db.session import Session
from cardwright.kyc.screening import domain, hit_store, list_store, run_store
from cardwright.kyc.screening.domain import Hit, HitState, Occasion, ScreeningRules, Subject
from cardwright.kyc.screening.hit_store import Compared
from cardwright.kyc.screening.matching import Match, NameIndex
from cardwright.kyc.screening.run_store import Screening
from cardwright.users import Named

SCREENING_ACTOR: Final = "screening"
HIT_EVENT: Final = "kyc.screening_hit"
HIT_OUTDATED: Final = "kyc.screening_hit_outdated"
_KEPT: Final = 2
_OCCASIONS: Final = {
    users.NAME_CHANGED: Occasion.PROFILE,
    "kyc.verification_requested": Occasion.SUBMISSION,
    "kyc.approved": Occasion.APPROVAL,
}


@dataclass(frozen=True, slots=True)
class Lists:
    """The lists in use, ready to be asked; `present` names every entry there is."""

    version: str
    index: NameIndex
    present: frozenset[tuple[str, str]]


_loaded: Final[OrderedDict[tuple[str, str], Lists]] = OrderedDict()


async def load_lists(session: Session, program_id: str) -> Lists | None:
    """Return the lists in use, from this process's memory if it has them; None when there are none.

    Raises Unavailable `lists_changing` when one was replaced while it was read.
    """
    known = await list_store.active_lists(session, program_id)
    if not known:
        return None
    key = program_id, domain.lists_version(known)
    if key not in _loaded:
        everybody = await list_store.everybody_on(session, known)
        if len(everybody) != sum(it.entries for it in known):
            raise Unavailable("lists_changing", "A list was replaced while it was read; try again.")
        # Seconds of work, during which other jobs go on.
        index = await asyncio.to_thread(NameIndex, everybody)
        present = frozenset((it.list_name, it.reference) for it in everybody)
        _loaded[key] = Lists(key[1], index, present)
    _loaded.move_to_end(key)
    while len(_loaded) > _KEPT:
        _loaded.popitem(last=False)
    return _loaded.get(key)


async def screen_person(work: Work, event: Event) -> None:
    """Screen the person whom an event is about, once they have a profile and a list was imported."""
    user_id = event.payload.get("user_id", event.subject_id)
    async with work.transaction() as session:
        person = await users.find_named(session, user_id)
        lists = None if person is None else await load_lists(session, event.program_id)
        if person is None or lists is None:
            return
        occasion, at = _OCCASIONS[event.type], work.clock.now()
        await screen(session, event.program_id, [person], lists, work.get(ScreeningRules), occasion, at)


async def screen(
    session: Session, program_id: str, people: Sequence[Named], lists: Lists, rules: ScreeningRules,
    occasion: Occasion, at: datetime,
) -> int:  # fmt: skip
    """Screen people, keep what was found, and return how many hits wait for somebody that did not before."""
    matches = await asyncio.to_thread(_compare, people, lists, rules.threshold)
    known = await hit_store.hits_for_update(session, [person.user_id for person in people])
    opened, screened = 0, []
    for person, found in zip(people, matches, strict=True):
        compared = Compared(person.full_name, person.date_of_birth)
        print_ = await hit_store.print_of(session, program_id, compared)
        subject = Subject(program_id, person.user_id, print_)
        after, fresh = await _keep(session, subject, compared, found, known[person.user_id], lists, at)
        opened += fresh
        outcome, count = hit_store.outcome_of(after)
        screened.append(
            Screening(
                new_id("scr"), program_id, person.user_id, lists.version, print_, rules.threshold, outcome,
                count, occasion, at, at,
            )
        )  # fmt: skip
    if screened:
        await run_store.record_screenings(session, screened)
    return opened


def _compare(people: Sequence[Named], lists: Lists, threshold: int) -> list[Sequence[Match]]:
    return [
        lists.index.find(person.full_name, person.date_of_birth, threshold=threshold) for person in people
    ]


async def _keep(
    session: Session, subject: Subject, person: Compared, matches: Sequence[Match], known: Sequence[Hit],
    lists: Lists, at: datetime,
) -> tuple[Sequence[Hit], int]:  # fmt: skip
    standing, opened = {hit.pair: hit for hit in known}, 0
    for match in matches:
        pair = match.listed.list_name, match.listed.reference
        before = standing.get(pair)
        if before is None:
            after = domain.new_hit(new_id("hit"), subject, match, at)
            if not await hit_store.add_hit(session, after, person):
                continue  # found by somebody else a moment ago
        else:
            after = domain.find_again(before, subject, match, at)
            if after != before:
                await hit_store.save_found(session, after, person)
        standing[pair] = after
        if after.state is HitState.OPEN and (before is None or before.version != after.version):
            opened += before is None or before.state is not HitState.OPEN
            await _tell(session, after, is_new=before is None, at=at)
    for hit in known:
        # A person who takes another name stays to be judged; an entry that left its list does not.
        if hit.state is HitState.OPEN and hit.pair not in lists.present:
            standing[hit.pair] = await _outdate(session, hit, at)
    return list(standing.values()), opened


async def _tell(session: Session, hit: Hit, *, is_new: bool, at: datetime) -> None:
    payload = {"user_id": hit.user_id, "list": hit.list_name, "score": hit.score}
    await outbox.append(session, Event(HIT_EVENT, hit.program_id, hit.id, at, payload))
    details = {"owner_id": hit.user_id, "list": hit.list_name, "score": hit.score, "is_new": is_new}
    await audit.record(session, SCREENING_ACTOR, hit.program_id, "screening_hit.opened", hit.id, details, at)


async def _outdate(session: Session, hit: Hit, at: datetime) -> Hit:
    after = domain.outdate(hit, at)
    await hit_store.save_state(session, after)
    details = {"owner_id": hit.user_id, "list": hit.list_name}
    await audit.record(
        session, SCREENING_ACTOR, hit.program_id, "screening_hit.outdated", hit.id, details, at
    )
    payload = {"user_id": hit.user_id}
    await outbox.append(session, Event(HIT_OUTDATED, hit.program_id, hit.id, at, payload))
    return after


async def forget_person(work: Work, event: Event) -> None:
    """Forget the name of an erased person in hits, unless they were confirmed: those the law wants kept."""
    async with work.transaction() as session:
        for hit in (await hit_store.hits_for_update(session, [event.subject_id]))[event.subject_id]:
            if hit.state is HitState.OPEN:
                await _outdate(session, hit, work.clock.now())
        await hit_store.forget_names(session, event.subject_id)
