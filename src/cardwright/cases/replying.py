"""Answers by text message: which code a question takes, and what a reply from a number comes to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

import structlog

from cardwright.authentication import MAX_CODE_ATTEMPTS, EmailCodes
from cardwright.cases import answering, reply_codes, reply_store, store
from cardwright.cases.domain import Answer, Case
from cardwright.cases.recording import tell
from cardwright.cases.reply_store import AskedByText
from cardwright.core.errors import Conflict
from cardwright.db import outbox
from cardwright.db.jobs import Work
from cardwright.db.outbox import Event
from cardwright.db.session import Session
from cardwright.http.rate_limits import RateLimiter
from cardwright.users import SmsRules, admit_reply, find_profile

REPLY_RECEIVED: Final = "cases.reply_received"
_MOST_OF_A_NUMBER: Final = 20
_KEPT: Final = timedelta(days=30)
_ANYBODY: Final = "anonymous"
_log = structlog.get_logger()


class Outcome(StrEnum):
    """What a reply came to, for the message that tells its sender."""

    CONFIRMED = "confirmed"
    DENIED = "denied"
    ANSWERED_BEFORE = "answered_before"
    CLOSED = "closed"
    TOO_LATE = "too_late"
    NOTHING_ASKED = "nothing_asked"
    WRONG_CODE = "wrong_code"
    TOO_MANY_TRIES = "too_many_tries"
    UNCLEAR = "unclear"


_REFUSALS: Final[Mapping[str, Outcome]] = {
    "question_answered": Outcome.ANSWERED_BEFORE,
    "question_closed": Outcome.CLOSED,
    "question_expired": Outcome.TOO_LATE,
}


@dataclass(frozen=True, slots=True)
class TextReply:
    """A reply as it is kept: digests of its sender and of the code in it, where it had one."""

    program_id: str
    number: str
    answer: Answer | None
    tried: str | None


@dataclass(frozen=True, slots=True)
class _Question:
    asked: AskedByText
    case: Case
    phone: str


async def take_replies(
    session: Session, codes: EmailCodes, payment_id: str, phone: str, at: datetime
) -> str | None:
    """Return the code that the question about a payment is answered with from a number; None once it closed.

    Asked again, the same number gets the same code.
    """
    case = await store.case_of_payment(session, payment_id)
    if case is None or case.answer_by is None or not case.awaits_answer(at):
        return None
    number = reply_codes.digest_number(codes, phone)
    question = AskedByText(case.id, case.program_id, case.user_id, number, case.answer_by)
    await reply_store.add(session, question)
    return reply_codes.derive(codes, case.id, number)


async def hear_reply(work: Work, session: Session, reply: TextReply) -> None:
    """Take a reply's answer where its code is right, and have its sender told what it came to.

    Numbers that nobody was asked at, or that are no longer their holder's, change and hear nothing.
    """
    codes, at = work.get(EmailCodes), work.clock.now()
    questions = await _questions(session, codes, reply)
    if not questions:
        _log.info("reply_ignored")
        return
    outcome, question = await _heard(session, codes, questions, reply, at)
    _log.info("reply_heard", outcome=outcome)
    if await admit_reply(work.get(RateLimiter), work.get(SmsRules), question.phone):
        told = {"user_id": question.case.user_id, "outcome": outcome}
        await outbox.append(session, Event(REPLY_RECEIVED, reply.program_id, question.case.user_id, at, told))


async def forget_numbers(work: Work) -> None:
    """Forget where questions were sent to, some time after they expired."""
    async with work.transaction() as session:
        await reply_store.remove_before(session, work.clock.now() - _KEPT)


async def forget_person(work: Work, event: Event) -> None:
    """Forget where somebody was asked, once their account is erased."""
    async with work.transaction() as session:
        await reply_store.remove_of(session, event.subject_id)


async def _questions(session: Session, codes: EmailCodes, reply: TextReply) -> Sequence[_Question]:
    """Return the questions of those whose proven number this is, newest first, locked."""
    found = []
    for asked in await reply_store.lock_of_number(session, reply.program_id, reply.number, _MOST_OF_A_NUMBER):
        profile, case = (
            await find_profile(session, asked.user_id),
            await store.find_case(session, asked.case_id),
        )
        phone = None if profile is None else profile.proven_phone
        if case and phone and reply_codes.digest_number(codes, phone) == reply.number:
            found.append(_Question(asked, case, phone))
    return found


async def _heard(
    session: Session, codes: EmailCodes, questions: Sequence[_Question], reply: TextReply, at: datetime
) -> tuple[Outcome, _Question]:
    """Return what a reply came to, and a question of whom to tell."""
    open_ = [it for it in questions if it.case.awaits_answer(at)]
    asked = (open_ or questions)[0]
    if reply.answer is None or reply.tried is None:
        return (Outcome.UNCLEAR if open_ else Outcome.NOTHING_ASKED), asked
    meant = [
        it for it in questions
        if it.asked.tries < MAX_CODE_ATTEMPTS
        and reply_codes.is_right(codes, it.case.id, reply.number, reply.tried)
    ]  # fmt: skip
    # Codes are short, so an old question may share one with an open one, and then it is not meant.
    meant = [it for it in meant if it in open_] or meant[:1]
    if not meant:
        return await _refused(session, open_, at), asked
    if len(meant) > 1:
        return Outcome.UNCLEAR, asked
    return await _answered(session, meant[0].case, reply.answer, at), meant[0]


async def _answered(session: Session, case: Case, said: Answer, at: datetime) -> Outcome:
    try:
        await answering.answer_by_text(session, case.id, said, user_id=case.user_id, at=at)
    except Conflict as refusal:
        if refusal.code not in _REFUSALS:
            raise
        return _REFUSALS[refusal.code]
    return Outcome.CONFIRMED if said is Answer.YES else Outcome.DENIED


async def _refused(session: Session, open_: Sequence[_Question], at: datetime) -> Outcome:
    """Count a wrong code against every question that it was a try at."""
    if not open_:
        return Outcome.NOTHING_ASKED
    tried = [it for it in open_ if it.asked.tries < MAX_CODE_ATTEMPTS]
    await reply_store.count_try(session, [it.case.id for it in tried])
    for question in tried:
        await tell(session, question.case, "reply_refused", _ANYBODY, at, tries=question.asked.tries + 1)
    is_over = all(it.asked.tries + 1 >= MAX_CODE_ATTEMPTS for it in open_)
    return Outcome.TOO_MANY_TRIES if is_over else Outcome.WRONG_CODE
