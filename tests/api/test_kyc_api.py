"""Identity verification as its callers meet it."""

from collections.abc import Mapping
from dataclasses import dataclass

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from browsers import sign_in
from cardwright import kyc
from cardwright.access import Role
from cardwright.core.clock import MovableClock
from cardwright.core.ids import new_id
from cardwright.db.jobs import Work
from cardwright.db.session import transaction
from integration.kyc.people import ScriptedVerifier, a_person, deliver
from staff import grant_role

OWN = "/v1/identity-verifications"


@dataclass
class Counter:
    """The application, a vendor, and two people: one who wants to be verified and one of the staff."""

    client: httpx.AsyncClient
    work: Work
    verifier: ScriptedVerifier
    user_id: str
    person: Mapping[str, str]
    staff: Mapping[str, str]

    async def ask(self, key: str = "first", headers: Mapping[str, str] | None = None) -> httpx.Response:
        return await self.client.post(
            OWN, headers={**(self.person if headers is None else headers), "Idempotency-Key": key}
        )

    async def decide(self, verification_id: str, state: str, reason: str | None = None) -> None:
        await deliver(self.work, kyc.SUBSCRIPTIONS)
        self.verifier.decide(
            f"vs_{verification_id}", state, kyc.RejectionReason(reason) if reason is not None else None
        )
        await kyc.refresh_verification(self.work, f"vs_{verification_id}")


@pytest.fixture
async def counter(client: httpx.AsyncClient, engine: AsyncEngine, clock: MovableClock) -> Counter:
    user_id = await a_person(engine, clock)
    staff_id = await a_person(engine, clock, "support@example.com")
    async with transaction(engine) as session:
        await grant_role(session, staff_id, Role.SUPPORT, "system", clock.now())
    verifier = ScriptedVerifier()
    work = Work(engine, clock, {kyc.IdentityVerifiers: kyc.IdentityVerifiers({"stripe": verifier})})
    person, staff = [await sign_in(engine, clock, it) for it in (user_id, staff_id)]
    return Counter(client, work, verifier, user_id, person, staff)


async def test_a_request_is_accepted_and_later_shows_where_to_go(counter: Counter) -> None:
    asked = await counter.ask()
    assert asked.status_code == 201
    assert (asked.json()["status"], asked.json()["url"]) == ("requested", None)
    await deliver(counter.work, kyc.SUBSCRIPTIONS)
    shown = await counter.client.get(f"{OWN}/{asked.json()['id']}", headers=counter.person)
    assert shown.json()["status"] == "collecting"
    assert shown.json()["url"].startswith("https://verify.example/")


async def test_the_same_key_asks_once(counter: Counter) -> None:
    first = await counter.ask("k")
    again = await counter.ask("k")
    assert (again.status_code, again.json()) == (201, first.json())
    assert again.headers["Idempotent-Replayed"] == "true"
    listed = await counter.client.get(OWN, headers=counter.person)
    assert [it["id"] for it in listed.json()["data"]] == [first.json()["id"]]


async def test_a_second_request_waits_for_the_first(counter: Counter) -> None:
    await counter.ask("one")
    refused = await counter.ask("two")
    assert (refused.status_code, refused.json()["code"]) == (409, "verification_open")


async def test_a_rejection_is_explained_in_plain_words(counter: Counter) -> None:
    verification_id = (await counter.ask()).json()["id"]
    await counter.decide(verification_id, "rejected", "document_expired")
    shown = (await counter.client.get(f"{OWN}/{verification_id}", headers=counter.person)).json()
    assert (shown["status"], shown["reason_code"], shown["can_retry"]) == (
        "rejected",
        "document_expired",
        True,
    )
    assert shown["reason"] == "The document has expired."
    assert shown["url"] is None


async def test_somebody_verified_need_not_ask_again(counter: Counter) -> None:
    verification_id = (await counter.ask("one")).json()["id"]
    await counter.decide(verification_id, "approved")
    refused = await counter.ask("two")
    assert (refused.status_code, refused.json()["code"]) == (409, "already_verified")


async def test_a_request_without_a_key_or_a_token_changes_nothing(counter: Counter) -> None:
    keyless = await counter.client.post(OWN, headers=counter.person)
    assert (keyless.status_code, keyless.json()["code"]) == (400, "idempotency_key_missing")
    anonymous = await counter.ask(headers={})
    assert anonymous.status_code == 401
    assert (await counter.client.get(OWN, headers=counter.person)).json()["data"] == []


async def test_an_incomplete_profile_is_named(
    counter: Counter, engine: AsyncEngine, clock: MovableClock
) -> None:
    homeless = await a_person(engine, clock, "casey@example.com", address=None)
    refused = await counter.ask(headers=await sign_in(engine, clock, homeless))
    assert (refused.status_code, refused.json()["code"]) == (409, "profile_incomplete")


async def test_other_peoples_verifications_do_not_exist(
    counter: Counter, engine: AsyncEngine, clock: MovableClock
) -> None:
    verification_id = (await counter.ask()).json()["id"]
    other = await sign_in(engine, clock, await a_person(engine, clock, "casey@example.com"))
    theirs = await counter.client.get(f"{OWN}/{verification_id}", headers=other)
    unknown = await counter.client.get(f"{OWN}/{new_id('idv')}", headers=other)
    assert (theirs.status_code, theirs.json()["code"]) == (404, "verification_unknown")
    assert unknown.json()["code"] == theirs.json()["code"]
    assert (await counter.client.get(f"{OWN}/nonsense", headers=counter.staff)).status_code == 422


async def test_staff_see_the_state_and_not_the_address(counter: Counter) -> None:
    verification_id = (await counter.ask()).json()["id"]
    await deliver(counter.work, kyc.SUBSCRIPTIONS)
    path = f"/v1/users/{counter.user_id}/identity-verifications"
    shown = await counter.client.get(path, headers=counter.staff)
    assert [(it["id"], it["status"], it["url"]) for it in shown.json()["data"]] == [
        (verification_id, "collecting", None)
    ]
    one = await counter.client.get(f"{OWN}/{verification_id}", headers=counter.staff)
    assert (one.json()["status"], one.json()["url"]) == ("collecting", None)
    refused = await counter.client.get(path, headers=counter.person)
    assert (refused.status_code, refused.json()["code"]) == (403, "permission_missing")


async def test_attempts_are_listed_in_pages_newest_first(counter: Counter) -> None:
    asked = []
    for number in range(3):
        asked.append((await counter.ask(f"key-{number}")).json()["id"])
        await counter.decide(asked[-1], "rejected", "face_mismatch")
    first = (await counter.client.get(OWN, params={"limit": 2}, headers=counter.person)).json()
    rest = (
        await counter.client.get(OWN, params={"cursor": first["next_cursor"]}, headers=counter.person)
    ).json()
    assert [it["id"] for it in first["data"] + rest["data"]] == asked[::-1]
    assert rest["next_cursor"] is None
