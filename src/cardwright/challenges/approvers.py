"""Who else may answer for a card: the holder invites by address, and whoever it is must accept."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from cardwright import audit, cards, kyc
from cardwright.access import Principal, Role, Viewer, find_roles
from cardwright.authentication import find_by_email, normalize_email
from cardwright.cards import CardState
from cardwright.challenges import approver_store as store
from cardwright.challenges.approver_store import Approver, ApproverState
from cardwright.core.errors import Conflict, NotFound, TooMany
from cardwright.core.ids import new_id
from cardwright.db import outbox
from cardwright.db.jobs import Subscription, Work
from cardwright.db.outbox import Event
from cardwright.db.session import Session
from cardwright.users import ERASED

INVITATION_LIFETIME: Final = timedelta(days=14)
MOST_APPROVERS: Final = 5
MOST_INVITATIONS_A_DAY: Final = 10
ASKED: Final = "challenges.approver_asked"
INVITED: Final = "challenges.approver_invited"
ADDED: Final = "challenges.approver_added"
_A_DAY: Final = timedelta(days=1)


async def invite(session: Session, card_id: str, email: str, *, by: Principal, at: datetime) -> Approver:
    """Ask the owner of an address to answer for one's card, too; asking again answers the same.

    Whether anybody has the address is found out by the worker, so that neither the answer nor its time tells.
    Raises NotFound; Invalid `email_invalid`; Conflict `card_canceled` or `approvers_full`; TooMany.
    """
    address = normalize_email(email)
    card = await cards.get_card(session, card_id, viewer=Viewer(by.program_id, by.user_id))
    if card.state is CardState.CANCELED:
        raise Conflict("card_canceled", "The card is canceled.")
    await store.lock_invitations(session, by.user_id)
    standing = [it for it in await store.list_of_card(session, by.user_id, card.id) if is_shown(it, at)]
    for known in standing:
        if known.email == address:
            return known
    await _ensure_room(session, len(standing), by.user_id, at)
    invited = Approver(
        id=new_id("inv"), program_id=by.program_id, card_id=card.id, user_id=by.user_id, approver_id=None,
        email=address, card_label=card.label, card_last4=card.last4, state=ApproverState.INVITED,
        invited_at=at, expires_at=at + INVITATION_LIFETIME,
    )  # fmt: skip
    await store.add(session, invited)
    await outbox.append(session, Event(ASKED, invited.program_id, invited.id, at))
    await _record(session, invited, "approver.invited", by.user_id, at)
    return invited


async def list_approvers(
    session: Session, card_id: str, *, by: Principal, at: datetime
) -> Sequence[Approver]:
    """Return whom one invited for one's card: who accepted, and who may still; raise NotFound."""
    card = await cards.get_card(session, card_id, viewer=Viewer(by.program_id, by.user_id))
    return [it for it in await store.list_of_card(session, by.user_id, card.id) if is_shown(it, at)]


async def remove(session: Session, card_id: str, approver_id: str, *, by: Principal, at: datetime) -> None:
    """End at once that somebody may answer for one's card, or the invitation to; raise NotFound."""
    await cards.get_card(session, card_id, viewer=Viewer(by.program_id, by.user_id))
    found = await store.find_for_update(session, approver_id, user_id=by.user_id)
    if found is None or found.card_id != card_id:
        raise NotFound("approver_unknown", "There is no such approver.")
    await store.save_state(session, found, ApproverState.REMOVED, at)
    await _record(session, found, "approver.removed", by.user_id, at)


async def list_invitations(session: Session, *, to: str, at: datetime) -> Sequence[Approver]:
    """Return the invitations to somebody: those they may accept, and those they accepted."""
    return await store.list_addressed_to(session, to, at)


async def accept(session: Session, invitation_id: str, *, by: Principal, at: datetime) -> Approver:
    """Agree to answer for somebody's card, as a verified person; what is accepted stays so.

    Raises NotFound; Conflict `kyc_required` or `invitation_expired`.
    """
    found = await _addressed(session, invitation_id, by)
    if found.state is ApproverState.ACCEPTED:
        return found
    if at >= found.expires_at:
        raise Conflict("invitation_expired", "This invitation has expired; ask for another.")
    await kyc.ensure_verified(session, by.user_id, at=at)
    accepted = await store.save_state(session, found, ApproverState.ACCEPTED, None)
    payload = {"user_id": found.user_id, "card_id": found.card_id, "last4": found.card_last4}
    await outbox.append(session, Event(ADDED, found.program_id, found.id, at, payload))
    await _record(session, accepted, "approver.accepted", by.user_id, at)
    return accepted


async def decline(session: Session, invitation_id: str, *, by: Principal, at: datetime) -> Approver:
    """Turn an invitation down, which nobody is told, or stop answering for a card; raise NotFound."""
    found = await _addressed(session, invitation_id, by)
    has_accepted = found.state is ApproverState.ACCEPTED
    wanted = ApproverState.REMOVED if has_accepted else ApproverState.DECLINED
    declined = await store.save_state(session, found, wanted, at)
    await _record(session, declined, "approver.declined", by.user_id, at)
    return declined


async def find_invitee(work: Work, event: Event) -> None:
    """Look whose address was invited and tell them; an address of nobody's is invited in vain."""
    async with work.transaction() as session:
        invited = await store.find_for_update(session, event.subject_id)
        if invited is None or invited.approver_id is not None:
            return
        found = await find_by_email(session, invited.program_id, invited.email)
        if found is None or found.user_id == invited.user_id:
            return
        is_cardholder = Role.CARDHOLDER in (await find_roles(session, [found.user_id]))[found.user_id]
        if not is_cardholder or await store.is_living(session, invited.card_id, found.user_id):
            return
        await store.save_invitee(session, invited.id, found.user_id)
        payload = {"user_id": found.user_id, "invitation_id": invited.id, "last4": invited.card_last4}
        await outbox.append(
            session, Event(INVITED, invited.program_id, invited.id, work.clock.now(), payload)
        )


async def carry_over(work: Work, event: Event) -> None:
    """Let those who may answer for a card answer for the one that takes its place, too; once per person.

    Whoever was asked and has not answered is asked for the new card as well.
    """
    at = work.clock.now()
    async with work.transaction() as session:
        card = await cards.find_card(session, event.subject_id)
        if card is None or card.replacement_for is None:
            return
        await store.lock_invitations(session, card.user_id)
        known = await store.known_emails(session, card.user_id, card.id)
        for approver in await store.list_of_card(session, card.user_id, card.replacement_for):
            if approver.email in known or approver.ended_at is not None or not is_shown(approver, at):
                continue
            carried = replace(
                approver, id=new_id("inv"), card_id=card.id, card_label=card.label, card_last4=card.last4
            )
            await store.add(session, carried)
            if carried.approver_id is None:
                await outbox.append(session, Event(ASKED, carried.program_id, carried.id, at))
            await _record(session, carried, "approver.carried_over", "system", at)


async def forget_stale_invitations(work: Work) -> int:
    """Forget the addresses of those who did not accept in time; return how many."""
    async with work.transaction() as session:
        return await store.remove_stale(session, work.clock.now())


async def forget_person(work: Work, event: Event) -> None:
    """Forget whom an erased person invited, and where they were an approver."""
    async with work.transaction() as session:
        await store.remove_everything_of(session, event.subject_id)


def is_shown(approver: Approver, at: datetime) -> bool:
    """Answer whether the holder sees it: a declined invitation looks like one that nobody answered."""
    return approver.state is ApproverState.ACCEPTED or at < approver.expires_at


async def _ensure_room(session: Session, standing: int, user_id: str, at: datetime) -> None:
    if standing >= MOST_APPROVERS:
        raise Conflict("approvers_full", f"A card has at most {MOST_APPROVERS} approvers and invitations.")
    if await store.count_since(session, user_id, at - _A_DAY) >= MOST_INVITATIONS_A_DAY:
        raise TooMany(
            "invitations_too_many", "You invited many people today; try again tomorrow.",
            retry_after_seconds=int(_A_DAY.total_seconds()),
        )  # fmt: skip


async def _addressed(session: Session, invitation_id: str, by: Principal) -> Approver:
    found = await store.find_for_update(session, invitation_id, approver_id=by.user_id)
    if found is None:
        raise NotFound("invitation_unknown", "There is no such invitation.")
    return found


async def _record(
    session: Session, approver: Approver, action: audit.Action, actor_id: str, at: datetime
) -> None:
    # No address, and not who the holder cannot know it is: the acts of the invited name themselves.
    details = {"card_id": approver.card_id, "owner_id": approver.user_id}
    await audit.record(session, actor_id, approver.program_id, action, approver.id, details, at)


SUBSCRIPTIONS: Final = (
    Subscription("challenges.find_invitee", ASKED, find_invitee),
    Subscription("challenges.carry_over", "cards.card_issued", carry_over),
    Subscription("challenges.forget_person", ERASED, forget_person),
)
