"""Who else may answer: invited without an oracle, accepted by themselves, removed at once."""

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from cardwright import challenges
from cardwright.access import Principal, Role
from cardwright.challenges import approvers
from cardwright.challenges.approver_store import ApproverState
from cardwright.challenges.approvers import MOST_APPROVERS, MOST_INVITATIONS_A_DAY, forget_person
from cardwright.challenges.schemas import ApproverOutput
from cardwright.core.errors import Conflict, Invalid, NotFound, TooMany
from cardwright.db.outbox import Event
from cardwright.db.session import transaction
from integration.challenges.scene import Scene
from integration.kyc.people import a_person, drain
from staff import grant_role


async def shown(scene: Scene) -> list[tuple[str, bool]]:
    """Return what the holder sees of the approvers."""
    async with scene.acting(scene.holder) as session:
        card_id = scene.holding.cards[0].id
        found = await approvers.list_approvers(session, card_id, by=scene.holder, at=scene.clock.now())
        return [(it.email, it.is_accepted) for it in map(ApproverOutput.of, found)]


async def invitations(scene: Scene, who: Principal) -> list[tuple[str, ApproverState]]:
    async with scene.acting(who) as session:
        found = await approvers.list_invitations(session, to=who.user_id, at=scene.clock.now())
        return [(it.id, it.state) for it in found]


async def test_the_holder_cannot_tell_whether_an_address_is_known(scene: Scene) -> None:
    known = await scene.somebody("known@example.com")
    for email in ("Known@example.com", "nobody@example.com"):
        await scene.invite(email)
    first = await scene.deliver()
    assert [event.type for event in first] == ["challenges.approver_asked"] * 2
    assert [event.payload for event in first] == [{}, {}]
    invited = [event for event in await drain(scene.engine) if event.type == "challenges.approver_invited"]
    assert [event.payload["user_id"] for event in invited] == [known.user_id]
    [(invitation_id, _)] = await invitations(scene, known)
    before = await shown(scene)
    async with scene.acting(known) as session:
        await approvers.decline(session, invitation_id, by=known, at=scene.clock.now())
    assert await shown(scene) == before == [("known@example.com", False), ("nobody@example.com", False)]
    assert await invitations(scene, known) == []


async def test_asking_again_is_answered_the_same_and_asks_nobody_twice(scene: Scene) -> None:
    who = await scene.somebody("known@example.com")
    first = await scene.invite("known@example.com")
    await scene.deliver()
    assert (await scene.invite("KNOWN@example.com")).id == first.id
    await scene.deliver()
    assert await invitations(scene, who) == [(first.id, ApproverState.INVITED)]


async def test_only_the_invited_accept_and_only_in_time(scene: Scene) -> None:
    who, other = await scene.somebody("known@example.com"), await scene.somebody("other@example.com")
    invited = await scene.invite("known@example.com")
    await scene.deliver()
    for stranger in (other, scene.holder):
        with pytest.raises(NotFound):
            await scene.accept(invited.id, stranger)
    scene.clock.instant = invited.expires_at
    with pytest.raises(Conflict, match="expired"):
        await scene.accept(invited.id, who)
    scene.clock.instant -= timedelta(microseconds=1)
    for _ in range(2):
        assert (await scene.accept(invited.id, who)).state is ApproverState.ACCEPTED
    assert await shown(scene) == [("known@example.com", True)]
    assert await scene.acts("approver.") == [
        (scene.holder.user_id, "approver.invited"), (who.user_id, "approver.accepted"),
    ]  # fmt: skip


async def test_whoever_is_not_verified_cannot_accept(scene: Scene) -> None:
    who = Principal(await a_person(scene.engine, scene.clock, "new@example.com"), scene.holding.program_id)
    invited = await scene.invite("new@example.com")
    await scene.deliver()
    with pytest.raises(Conflict) as refused:
        await scene.accept(invited.id, who)
    assert refused.value.code == "kyc_required"


async def test_staff_and_the_holder_themselves_are_invited_in_vain(scene: Scene) -> None:
    support = await scene.somebody("support@example.com")
    async with transaction(scene.engine) as session:
        await grant_role(session, support.user_id, Role.SUPPORT, "system", scene.clock.now())
    for email in ("support@example.com", "holder@example.com"):
        await scene.invite(email)
    await scene.deliver()
    assert await invitations(scene, support) == await invitations(scene, scene.holder) == []


async def test_an_approver_may_leave_and_does_not_come_back_by_themselves(scene: Scene) -> None:
    who, row = await scene.an_approver("second@example.com")
    challenge = await scene.asked()
    async with scene.acting(who) as session:
        await approvers.decline(session, row.id, by=who, at=scene.clock.now())
    assert await shown(scene) == []
    with pytest.raises(NotFound):
        await scene.approve(challenge.id, who)
    with pytest.raises(NotFound):
        await scene.accept(row.id, who)


async def test_invitations_are_few(scene: Scene) -> None:
    for number in range(MOST_INVITATIONS_A_DAY):
        last = await scene.invite(f"somebody{number}@example.com")
        if number >= MOST_APPROVERS - 1:
            await scene.remove(last)
    with pytest.raises(TooMany):
        await scene.invite("one-more@example.com")
    scene.clock.instant += timedelta(days=1)
    await scene.invite("one-more@example.com")
    with pytest.raises(Conflict) as full:
        await scene.invite("and-another@example.com")
    assert full.value.code == "approvers_full"
    with pytest.raises(Invalid):
        await scene.invite("not an address")


async def test_addresses_are_forgotten_with_their_invitations_and_with_the_person(scene: Scene) -> None:
    who, _ = await scene.an_approver("second@example.com")
    await scene.invite("nobody@example.com")
    assert await challenges.forget_stale_invitations(scene.work) == 0
    scene.clock.instant += approvers.INVITATION_LIFETIME
    assert await challenges.forget_stale_invitations(scene.work) == 1
    assert await shown(scene) == [("second@example.com", True)]
    erased = Event("users.account_erased", scene.holding.program_id, who.user_id, scene.clock.now())
    await forget_person(scene.work, erased)
    assert await shown(scene) == []


async def test_no_row_shows_the_address_of_whoever_was_invited(scene: Scene) -> None:
    await scene.invite("kanarienvogel@example.com")
    tables = ("card_approvers", "outbox", "audit_entries")
    async with transaction(scene.engine) as session:
        for table in tables:
            rows = (await session.execute(text(f"SELECT t::text FROM {table} AS t"))).scalars().all()  # noqa: S608
            assert rows
            assert "kanarienvogel" not in str(rows)


async def test_an_approver_sees_the_purchase_and_nothing_else_of_the_holder(scene: Scene) -> None:
    who, _ = await scene.an_approver("second@example.com")
    await scene.asked()
    async with scene.acting(who) as session:
        counts = {
            table: (
                await session.execute(
                    text(f"SELECT count(*) FROM {table} WHERE {owner} = :holder"),  # noqa: S608
                    {"holder": scene.holder.user_id},
                )
            ).scalar_one()
            for table, owner in {
                "challenges": "user_id", "cards": "user_id", "profiles": "user_id", "identities": "user_id",
                "ledger_accounts": "owner_id", "payments": "user_id",
            }.items()
        }  # fmt: skip
    assert counts == {**dict.fromkeys(counts, 0), "challenges": 1}


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE challenges SET amount = 1",
        "UPDATE challenges SET user_id = :me",
        "INSERT INTO challenges SELECT * FROM challenges",
        "UPDATE card_approvers SET approver_id = :me",
        "UPDATE card_approvers SET state = 'invited'",
        (
            "INSERT INTO card_approvers (id, program_id, card_id, user_id, approver_id, email, card_label,"
            " state, invited_at, expires_at) SELECT 'inv_x', program_id, card_id, user_id, :me, '', '',"
            " 'accepted', invited_at, expires_at FROM card_approvers"
        ),
    ],
)
async def test_the_database_lets_no_customer_make_up_challenges_or_approvers(
    scene: Scene, statement: str
) -> None:
    who, _ = await scene.an_approver("second@example.com")
    await scene.asked()
    for actor in (who, scene.holder):
        parameters = {"me": actor.user_id} if ":me" in statement else {}
        with pytest.raises(DBAPIError, match=r"row-level security|permission denied"):
            async with scene.acting(actor) as session:
                await session.execute(text(statement), parameters)


async def test_the_database_lets_no_holder_accept_for_another(scene: Scene) -> None:
    await scene.somebody("known@example.com")
    await scene.invite("known@example.com")
    await scene.deliver()
    with pytest.raises(DBAPIError, match="row-level security"):
        async with scene.acting(scene.holder) as session:
            await session.execute(text("UPDATE card_approvers SET state = 'accepted'"))


async def test_the_state_of_a_card_is_told_to_nobody_who_may_not_answer(scene: Scene) -> None:
    stranger = await scene.somebody("stranger@example.com")
    who, row = await scene.an_approver("second@example.com")
    challenge = await scene.asked()

    async def told(actor: Principal) -> str | None:
        async with scene.acting(actor) as session:
            query = text("SELECT challenged_card_state(:id)")
            state: str | None = (await session.execute(query, {"id": challenge.id})).scalar_one()
            return state

    assert [await told(it) for it in (scene.holder, who, stranger)] == ["active", "active", None]
    await scene.remove(row)
    assert await told(who) is None
