"""Challenges and approvers as people meet them over HTTP."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from browsers import sign_in
from cardwright import cards, challenges
from cardwright.access import Principal, Role
from cardwright.authentication.factors.domain import Owner
from cardwright.cards import CardProcessors
from cardwright.challenges import ChallengeState
from cardwright.challenges.approvers import carry_over
from cardwright.core.clock import MovableClock
from cardwright.core.ids import new_id
from cardwright.db.jobs import Work
from cardwright.db.session import transaction
from integration.authentication.factor_people import Person
from integration.challenges.scene import MINUTES, Scene, a_scene
from integration.kyc.people import a_person, deliver, drain
from integration.payments import holders
from software_authenticator import SoftwareAuthenticator
from staff import grant_role

PATH = "/v1/challenges"


@dataclass
class Desk:
    """The application, the holder's browser with a factor just used, and one without."""

    client: httpx.AsyncClient
    scene: Scene
    sure: Mapping[str, str]
    plain: Mapping[str, str]

    async def browser(self, who: Principal, *, has_used_factor: bool = True) -> Mapping[str, str]:
        return await sign_in(
            self.scene.engine, self.scene.clock, who.user_id, has_used_factor=has_used_factor
        )

    async def post(
        self, path: str, headers: Mapping[str, str] | None = None, body: Any = None, key: str | None = None
    ) -> httpx.Response:
        sent = {**(headers or self.sure), "Idempotency-Key": key or new_id("key")}
        return await self.client.post(path, json=body, headers=sent)

    async def approve(self, challenge_id: str, headers: Mapping[str, str] | None = None) -> httpx.Response:
        return await self.post(f"{PATH}/{challenge_id}/approve", headers)

    async def refuse(
        self, challenge_id: str, headers: Mapping[str, str] | None = None, **body: Any
    ) -> httpx.Response:
        return await self.post(f"{PATH}/{challenge_id}/refuse", headers, body)

    async def listed(self, headers: Mapping[str, str] | None = None, **query: Any) -> Any:
        found = await self.client.get(PATH, headers=headers or self.plain, params=query)
        assert found.status_code == 200, found.text
        return found.json()


@pytest.fixture
async def desk(client: httpx.AsyncClient, engine: AsyncEngine, clock: MovableClock) -> Desk:
    scene = await a_scene(engine, clock)
    owner = Owner(scene.holder.user_id, scene.holder.program_id)
    await Person(engine, clock, owner, new_id("ses")).with_passkey(SoftwareAuthenticator())
    sure = await sign_in(engine, clock, scene.holder.user_id, has_used_factor=True)
    plain = await sign_in(engine, clock, scene.holder.user_id)
    return Desk(client, scene, sure, plain)


async def test_the_holder_sees_what_waits_and_approves_it_with_a_factor(desk: Desk) -> None:
    challenge = await desk.scene.asked()
    [shown] = (await desk.listed())["data"]
    assert shown["card"] == {"label": "For tests", "last4": "4242"}
    assert (shown["merchant"]["name"], shown["amount"], shown["currency"], shown["state"]) == (
        "Corner Bakery", 49_00, "USD", "pending",
    )  # fmt: skip
    assert (shown["card_id"], shown["decision"], shown["answer"]) == (challenge.card_id, None, "none")
    refused = await desk.approve(challenge.id, desk.plain)
    assert (refused.status_code, refused.json()["code"]) == (401, "step_up_required")
    approved = await desk.approve(challenge.id)
    assert approved.status_code == 200
    assert (approved.json()["state"], approved.json()["decided_by_you"], approved.json()["answer"]) == (
        "approved", True, "waiting",
    )  # fmt: skip


async def test_a_factor_used_too_long_ago_does_not_count(desk: Desk) -> None:
    await desk.scene.tell(desk.scene.notice(expires_at=desk.scene.clock.now() + 3 * MINUTES))
    challenge = await desk.scene.stored()
    desk.scene.clock.instant += 2 * MINUTES
    assert (await desk.approve(challenge.id)).json()["code"] == "step_up_required"


async def test_refusing_needs_no_factor_and_may_report_fraud(desk: Desk) -> None:
    challenge = await desk.scene.asked()
    refused = await desk.refuse(challenge.id, desk.plain, report_fraud=True)
    assert refused.status_code == 200
    assert (refused.json()["state"], refused.json()["is_fraud_reported"]) == ("refused", True)
    card = await desk.client.get(f"/v1/cards/{challenge.card_id}", headers=desk.plain)
    assert card.json()["state"] == "active"


async def test_a_retry_with_its_key_is_answered_the_same_and_another_one_is_told(desk: Desk) -> None:
    challenge = await desk.scene.asked()
    path = f"{PATH}/{challenge.id}/approve"
    first, again = await desk.post(path, key="k"), await desk.post(path, key="k")
    assert (again.status_code, again.content) == (200, first.content)
    for other in (await desk.approve(challenge.id), await desk.refuse(challenge.id)):
        assert (other.status_code, other.json()["code"]) == (409, "challenge_decided")


async def test_of_those_who_approve_and_refuse_at_once_one_is_heard(desk: Desk) -> None:
    challenge = await desk.scene.asked()
    answers = await asyncio.gather(
        *((desk.approve if number % 2 else desk.refuse)(challenge.id) for number in range(20))
    )
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 19


async def test_after_the_end_nothing_is_decided(desk: Desk) -> None:
    challenge = await desk.scene.asked()
    desk.scene.clock.instant += MINUTES
    headers = await desk.browser(desk.scene.holder)
    assert (await desk.listed(headers))["data"][0]["state"] == "expired"
    for answer in (await desk.approve(challenge.id, headers), await desk.refuse(challenge.id, headers)):
        assert (answer.status_code, answer.json()["code"]) == (409, "challenge_expired")


async def test_somebody_elses_challenge_is_nobodys(desk: Desk) -> None:
    challenge = await desk.scene.asked()
    headers = await desk.browser(await desk.scene.somebody("stranger@example.com"))
    for answer in (
        await desk.client.get(f"{PATH}/{challenge.id}", headers=headers),
        await desk.approve(challenge.id, headers),
        await desk.refuse(challenge.id, headers),
        await desk.client.get(f"/v1/cards/{challenge.card_id}/approvers", headers=headers),
    ):
        assert answer.status_code == 404
    assert (await desk.listed(headers))["data"] == []


async def test_an_approver_is_invited_accepts_decides_and_is_removed(desk: Desk) -> None:
    scene = desk.scene
    who = await scene.somebody("second@example.com")
    headers = await desk.browser(who)
    path = f"/v1/cards/{scene.holding.cards[0].id}/approvers"
    unsure = await desk.client.post(path, json={"email": "second@example.com"}, headers=desk.plain)
    assert unsure.json()["code"] == "step_up_required"
    invited = await desk.client.post(path, json={"email": "second@example.com"}, headers=desk.sure)
    nobody = await desk.client.post(path, json={"email": "nobody@example.com"}, headers=desk.sure)
    assert (invited.status_code, nobody.status_code) == (202, 202)
    hidden = {"id", "email"}
    assert {k: v for k, v in invited.json().items() if k not in hidden} == {
        k: v for k, v in nobody.json().items() if k not in hidden
    }
    await scene.deliver()
    [invitation] = (await desk.client.get("/v1/approver-invitations", headers=headers)).json()["data"]
    assert invitation.keys() == {"id", "card", "state", "invited_at", "expires_at"}
    challenge = await scene.asked()
    assert (await desk.approve(challenge.id, headers)).status_code == 404
    accepted = await desk.client.post(f"/v1/approver-invitations/{invitation['id']}/accept", headers=headers)
    assert accepted.json()["state"] == "accepted"

    [seen] = (await desk.listed(headers))["data"]
    assert (seen["card"], seen["card_id"]) == ({"label": "For tests", "last4": "4242"}, None)
    assert scene.holder.user_id not in str(seen)
    assert (await desk.client.get(f"/v1/cards/{challenge.card_id}", headers=headers)).status_code == 404
    assert (await desk.client.get(path, headers=headers)).status_code == 404
    assert (await desk.approve(challenge.id, headers)).json()["decided_by_you"] is True
    assert (await desk.listed())["data"][0]["decided_by_you"] is False

    later = await scene.asked("acsch_2")
    [approver, _] = (await desk.client.get(path, headers=desk.plain)).json()["data"]
    assert (approver["email"], approver["is_accepted"]) == ("second@example.com", True)
    gone = await desk.client.delete(f"{path}/{approver['id']}", headers=desk.plain)
    assert gone.status_code == 204
    for answer in (
        await desk.approve(later.id, headers),
        await desk.refuse(later.id, headers),
        await desk.client.get(f"{PATH}/{later.id}", headers=headers),
        await desk.client.get(f"{PATH}/{challenge.id}", headers=headers),
    ):
        assert answer.status_code == 404
    assert (await desk.client.delete(f"{path}/{approver['id']}", headers=desk.plain)).status_code == 404


async def test_who_answers_for_a_card_answers_for_the_one_in_its_place_until_removed_there(
    desk: Desk,
) -> None:
    scene, old = desk.scene, desk.scene.holding.cards[0].id
    who, accepted = await scene.an_approver("second@example.com")
    _, removed = await scene.an_approver("third@example.com")
    await scene.remove(removed)
    await scene.invite("nobody@example.com")
    await drain(scene.engine)
    new = (await desk.post(f"/v1/cards/{old}/replace", body={"reason": "compromised"})).json()
    work = Work(
        scene.engine, scene.clock, {CardProcessors: CardProcessors({"stripe": holders.IssuingAtOnce()})}
    )
    subscriptions = (*cards.SUBSCRIPTIONS, *challenges.SUBSCRIPTIONS)
    await deliver(work, subscriptions)
    issued = await deliver(work, subscriptions)
    path = f"/v1/cards/{new['id']}/approvers"
    shown = (await desk.client.get(path, headers=desk.plain)).json()["data"]
    assert {it["email"]: it["is_accepted"] for it in shown} == {
        "second@example.com": True, "nobody@example.com": False,
    }  # fmt: skip
    assert {it["id"] for it in shown}.isdisjoint({accepted.id})
    await scene.tell(scene.notice(card_reference=f"ic_{new['id']}"))
    challenge = await scene.stored()
    assert (await desk.approve(challenge.id, await desk.browser(who))).status_code == 200
    # Told of again, it brings nobody back.
    for approver in shown:
        await desk.client.delete(f"{path}/{approver['id']}", headers=desk.plain)
    [event] = [event for event in issued if event.type == "cards.card_issued"]
    await carry_over(work, event)
    assert (await desk.client.get(path, headers=desk.plain)).json()["data"] == []


async def test_what_waits_comes_first_on_pages_that_stay_whole_while_something_is_decided(
    desk: Desk,
) -> None:
    made = [await desk.scene.asked(f"acsch_{number}") for number in range(6)]
    for challenge in (made[1], made[4]):
        await desk.scene.refuse(challenge.id)
    expected = [made[number].id for number in (5, 3, 2, 0, 4, 1)]
    first = await desk.listed(limit=2)
    assert [it["id"] for it in first["data"]] == expected[:2]
    # The last one of the page is decided meanwhile: the next page goes on where this one ended.
    await desk.scene.refuse(made[3].id)
    second = await desk.listed(limit=2, cursor=first["next_cursor"])
    assert [it["id"] for it in second["data"]] == [made[2].id, made[0].id]
    third = await desk.listed(limit=5, cursor=second["next_cursor"])
    assert [it["id"] for it in third["data"]] == [made[4].id, made[3].id, made[1].id]
    assert third["next_cursor"] is None
    of_another = await desk.listed(card_id=new_id("card"))
    assert of_another["data"] == []
    assert len((await desk.listed(card_id=made[0].card_id))["data"]) == 6


async def test_support_sees_everybodys_decides_nothing_and_is_recorded(desk: Desk) -> None:
    challenge = await desk.scene.asked()
    staff_id = await a_person(desk.scene.engine, desk.scene.clock, "support@example.com")
    async with transaction(desk.scene.engine) as session:
        await grant_role(session, staff_id, Role.SUPPORT, "system", desk.scene.clock.now())
    headers = await desk.browser(Principal(staff_id, desk.scene.holder.program_id))
    assert [it["id"] for it in (await desk.listed(headers))["data"]] == [challenge.id]
    shown = await desk.client.get(f"{PATH}/{challenge.id}", headers=headers)
    assert shown.json()["card_id"] == challenge.card_id
    for answer in (await desk.approve(challenge.id, headers), await desk.refuse(challenge.id, headers)):
        assert (answer.status_code, answer.json()["code"]) == (403, "permission_missing")
    assert (staff_id, "challenge.read") in await desk.scene.acts()
    assert (staff_id, "challenges.read") in await desk.scene.acts("challenges.")
    assert (await desk.scene.stored()).state is ChallengeState.PENDING
