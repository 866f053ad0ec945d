"""Answering from a message: what its token shows, what may be said with it, and that it counts once."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

import structlog

from cardwright import cases, challenges
from cardwright.access import FactorDirectory
from cardwright.authentication import EmailCodes, find_identity
from cardwright.cases import Answer, AnsweredBy
from cardwright.core.errors import CardwrightError, Conflict, Forbidden
from cardwright.db.confinement import confine_to_customer
from cardwright.db.session import Session
from cardwright.notifications import device_store
from cardwright.notifications.answer_links import Matter, Permit, Way, place_of_address, read
from cardwright.notifications.signed_facts import link_invalid
from cardwright.notifications.words import marked

_log = structlog.get_logger()


class Choice(StrEnum):
    """What can be said."""

    YES = "yes"
    NO = "no"
    APPROVE = "approve"
    REFUSE = "refuse"


CHOICE_WORDS: Final = {
    Choice.YES: marked("Yes, it was me"),
    Choice.NO: marked("No, it was not me"),
    Choice.REFUSE: marked("Refuse"),
}
"""What stands on a button."""


class Outcome(StrEnum):
    """What an answer came to."""

    CONFIRMED = "confirmed"
    DENIED = "denied"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a token asks: merchant, amount in minor units, what can be said with it now.

    `signed_in` is the choice that needs a sign-in; `over` the code of why nothing can be said any more.
    """

    permit: Permit
    merchant_name: str
    amount: int
    currency: str
    choices: tuple[Choice, ...]
    signed_in: Choice | None
    over: str | None


@dataclass(frozen=True, slots=True)
class AnswerDesk:
    """Where tokens are brought, in one transaction that nobody's session has confined."""

    session: Session
    codes: EmailCodes
    factors: FactorDirectory
    program_id: str

    async def look(self, token: str, at: datetime) -> Asked:
        """Return what a token asks, changing nothing; raises NotFound `link_invalid`."""
        permit = await self._permit(token)
        if permit.matter is Matter.QUESTION:
            return await self._question(permit, at)
        return await self._challenge(permit, at)

    async def answer(self, token: str, choice: Choice, at: datetime) -> Outcome:
        """Take the answer, once for all ways there are to give one.

        Raises NotFound `link_invalid`; Conflict with the code of `Asked.over`; Forbidden `sign_in_required`
        for what a message alone proves too little for; Conflict `answer_impossible` for another's choice.
        """
        asked = await self.look(token, at)
        if asked.over is not None:
            raise Conflict(asked.over, "This was answered, or is over.")
        if choice is asked.signed_in:
            raise Forbidden("sign_in_required", "A message alone proves too little for this: sign in.")
        if choice not in asked.choices:
            raise Conflict("answer_impossible", "This cannot be said to it.")
        permit = asked.permit
        # From here on the transaction can touch what a request of theirs could, and nothing else.
        await confine_to_customer(self.session, program_id=self.program_id, user_id=permit.user_id)
        if permit.matter is Matter.CHALLENGE:
            await challenges.refuse_by_link(
                self.session, permit.subject_id, program_id=self.program_id, user_id=permit.user_id,
                way=permit.way.value, at=at,
            )  # fmt: skip
            outcome = Outcome.REFUSED
        else:
            said, way = Answer(choice.value), AnsweredBy(permit.way.value)
            await cases.answer_by_link(
                self.session, permit.subject_id, said, user_id=permit.user_id, way=way, at=at
            )
            outcome = Outcome.CONFIRMED if said is Answer.YES else Outcome.DENIED
        _log.info("answered_by_link", subject_id=permit.subject_id, way=permit.way, outcome=outcome)
        return outcome

    async def _permit(self, token: str) -> Permit:
        permit = read(self.codes, token)
        if permit.way is Way.PUSH:
            device = await device_store.find_device(self.session, permit.place)
            is_theirs = device is not None and device.user_id == permit.user_id and device.revoked_at is None
        else:
            identity = await find_identity(self.session, permit.user_id)
            is_theirs = (
                identity is not None
                and identity.closed_at is None
                and permit.place == place_of_address(self.codes, identity.email)
            )
        if not is_theirs:
            raise link_invalid()
        return permit

    async def _question(self, permit: Permit, at: datetime) -> Asked:
        case = await cases.find_question(self.session, permit.subject_id, permit.user_id)
        if case is None:
            raise link_invalid()
        over: str | None = None
        if case.answer is not None:
            over = "question_answered"
        elif at >= permit.expires_at:
            over = "question_expired"
        elif not case.awaits_answer(at):
            over = "question_closed"
        # A yes is as strong as in the app: with a factor from whoever has one.
        has_factor = bool(await self.factors.methods_of(self.session, permit.user_id))
        choices = (Choice.NO,) if has_factor else (Choice.YES, Choice.NO)
        return Asked(
            permit, case.merchant_name, case.amount, case.currency, () if over else choices,
            Choice.YES if has_factor and not over else None, over,
        )  # fmt: skip

    async def _challenge(self, permit: Permit, at: datetime) -> Asked:
        found = await challenges.find_asked(self.session, permit.subject_id, self.program_id, permit.user_id)
        if found is None:
            raise link_invalid()
        over = _refusal_of(found, at)
        return Asked(
            permit, found.merchant.name, found.amount, found.currency, () if over else (Choice.REFUSE,),
            None if over else Choice.APPROVE, over,
        )  # fmt: skip


def _refusal_of(challenge: challenges.Challenge, at: datetime) -> str | None:
    try:
        challenges.ensure_open(challenge, at)
    except CardwrightError as error:
        return error.code
    return None
