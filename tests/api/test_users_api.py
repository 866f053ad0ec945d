"""Profiles, people, roles and the audit trail, over HTTP."""

from collections.abc import Mapping
from typing import Any

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from browsers import browser_of
from cardwright.access import Role, permissions_of
from cardwright.authentication import create_verified_identity
from cardwright.core.clock import MovableClock
from cardwright.core.ids import new_id
from cardwright.db.session import transaction
from cardwright.programs import ensure_program
from proven_people import PASSWORD, a_proven_identity
from staff import grant_role

ADA: dict[str, Any] = {
    "full_name": "Ada Lovelace",
    "date_of_birth": "1985-12-10",
    "locale": "en-GB",
    "time_zone": "Europe/London",
    "phone": "+442071234567",
    "address": {
        "line1": "12 St James's Square",
        "city": "London",
        "postal_code": "SW1Y 4JH",
        "country": "GB",
    },
    "currency": "GBP",
}
SHOWN = {**ADA, "phone_verified_at": None}

MASKED_ADA = {
    "full_name": "Ada Lovelace",
    "birth_year": 1985,
    "locale": "en-GB",
    "time_zone": "Europe/London",
    "phone": "•••67",
    "address": {"city": "London", "country": "GB"},
}


class Person:
    """Somebody signed in, speaking HTTP."""

    def __init__(self, client: httpx.AsyncClient, user_id: str, headers: Mapping[str, str]) -> None:
        self.client, self.user_id, self.headers = client, user_id, headers

    async def get(self, path: str, **params: Any) -> httpx.Response:
        return await self.client.get(path, headers=self.headers, params=params)

    async def put(self, path: str, body: Any) -> httpx.Response:
        return await self.client.put(path, headers=self.headers, json=body)

    async def post(self, path: str, body: Any, key: str | None = None) -> httpx.Response:
        headers = {**self.headers, "Idempotency-Key": key or new_id("key")}
        return await self.client.post(path, headers=headers, json=body)

    async def grant(self, user_id: str, role: str, key: str | None = None) -> httpx.Response:
        return await self.post(f"/v1/users/{user_id}/roles", {"role": role, "reason": "New here"}, key)

    async def approve(self, proposed: httpx.Response) -> httpx.Response:
        return await self.post(f"/v1/approvals/{proposed.json()['id']}/approve", {})


class World:
    """A program whose people can be made and signed in."""

    def __init__(self, client: httpx.AsyncClient, engine: AsyncEngine, clock: MovableClock) -> None:
        self.client, self.engine, self.clock = client, engine, clock

    async def person(self, email: str, *roles: Role) -> Person:
        async with transaction(self.engine) as session:
            program = await ensure_program(session, slug="demo", name="Demo Program", currency="USD")
            user_id = await a_proven_identity(session, email, program.id, self.clock.now())
            for role in roles:
                await grant_role(session, user_id, role, "system", self.clock.now())
        response = await self.client.post("/v1/auth/sign-in", json={"email": email, "password": PASSWORD})
        assert response.status_code == 200
        return Person(self.client, user_id, browser_of(response))

    async def stranger(self) -> str:
        """Make somebody of another program and return their id."""
        async with transaction(self.engine) as session:
            other = await ensure_program(session, slug="other", name="Other Program", currency="USD")
            return await create_verified_identity(
                session, "eve@example.com", PASSWORD, other.id, self.clock.now()
            )


@pytest.fixture
def world(client: httpx.AsyncClient, engine: AsyncEngine, clock: MovableClock) -> World:
    return World(client, engine, clock)


async def test_a_newcomer_is_a_cardholder_without_a_profile(world: World) -> None:
    ada = await world.person("ada@example.com")
    me = (await ada.get("/v1/me")).json()
    assert (me["id"], me["email"]) == (ada.user_id, "ada@example.com")
    assert (me["profile"], me["roles"], me["permissions"]) == (
        None,
        ["cardholder"],
        sorted(permissions_of([Role.CARDHOLDER])),
    )


async def test_a_profile_is_set_and_read_back(world: World) -> None:
    ada = await world.person("ada@example.com")
    response = await ada.put("/v1/me/profile", ADA)
    assert response.status_code == 200
    assert response.json() == SHOWN
    assert (await ada.get("/v1/me")).json()["profile"] == SHOWN


async def test_what_is_left_out_of_a_profile_is_removed(world: World) -> None:
    ada = await world.person("ada@example.com")
    await ada.put("/v1/me/profile", ADA)
    removed = dict.fromkeys(("phone", "address", "currency"))
    shorter = {name: value for name, value in ADA.items() if name not in removed}
    assert (await ada.put("/v1/me/profile", shorter)).json() == {**SHOWN, **removed}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"time_zone": "Europe/Atlantis"}, "profile_invalid"),
        ({"currency": "XXX"}, "profile_invalid"),
        ({"currency": "eur"}, "validation_failed"),
        ({"date_of_birth": "2030-01-01"}, "profile_invalid"),
        ({"full_name": "Ada\u0001"}, "profile_invalid"),
        ({"address": {**ADA["address"], "country": "UK"}}, "profile_invalid"),
        ({"address": {**ADA["address"], "country": "gbr"}}, "validation_failed"),
        ({"phone": "020 7123 4567"}, "validation_failed"),
        ({"phone": "+442071234567\n"}, "validation_failed"),
        ({"date_of_birth": "10.12.1985"}, "validation_failed"),
        ({"full_name": None}, "validation_failed"),
        ({"full_name": ""}, "validation_failed"),
        ({"email": "eve@example.com"}, "validation_failed"),
        ({"user_id": "user_1"}, "validation_failed"),
        ({"roles": ["admin"]}, "validation_failed"),
    ],
)
async def test_a_wrong_profile_is_refused_and_changes_nothing(
    world: World, change: dict[str, Any], code: str
) -> None:
    ada = await world.person("ada@example.com")
    await ada.put("/v1/me/profile", ADA)
    response = await ada.put("/v1/me/profile", {**ADA, **change})
    assert (response.status_code, response.json()["code"]) == (422, code)
    assert (await ada.get("/v1/me")).json()["profile"] == SHOWN


STAFF_ROUTES = {"/v1/users": "users.read", "/v1/audit-entries": "audit.read"}


@pytest.mark.parametrize("path", STAFF_ROUTES)
@pytest.mark.parametrize("role", list(Role))
async def test_staff_routes_answer_whom_the_table_permits(world: World, path: str, role: Role) -> None:
    person = await world.person("staff@example.com", role)
    is_permitted = STAFF_ROUTES[path] in (await person.get("/v1/me")).json()["permissions"]
    response = await person.get(path)
    assert response.status_code == (200 if is_permitted else 403)
    if not is_permitted:
        assert response.json()["code"] == "permission_missing"


async def test_staff_routes_refuse_whoever_is_not_signed_in(client: httpx.AsyncClient) -> None:
    for path in ("/v1/me", "/v1/users", f"/v1/users/{new_id('user')}", "/v1/audit-entries"):
        assert (await client.get(path)).status_code == 401
    assert (await client.put("/v1/me/profile", json=ADA)).status_code == 401
    body, headers = {"role": "administrator", "reason": "x"}, {"Idempotency-Key": "key-1"}
    response = await client.post(f"/v1/users/{new_id('user')}/roles", json=body, headers=headers)
    assert response.status_code == 401


async def test_a_role_counts_from_the_moment_another_administrator_approves_it(world: World) -> None:
    admin = await world.person("root@example.com", Role.ADMINISTRATOR)
    other = await world.person("toor@example.com", Role.ADMINISTRATOR)
    ada = await world.person("ada@example.com")
    proposed = await admin.grant(ada.user_id, "support")
    assert (proposed.status_code, proposed.json()["state"]) == (202, "proposed")
    assert (await ada.get("/v1/users")).status_code == 403
    assert (await other.approve(proposed)).status_code == 200
    assert (await ada.get("/v1/users")).status_code == 200
    assert (await ada.get("/v1/me")).json()["permissions"] == sorted(permissions_of([Role.SUPPORT]))


async def test_a_role_is_gone_from_the_moment_another_administrator_approves_that(world: World) -> None:
    admin = await world.person("root@example.com", Role.ADMINISTRATOR)
    other = await world.person("toor@example.com", Role.ADMINISTRATOR)
    ada = await world.person("ada@example.com", Role.SUPPORT)
    body = {"role": "support", "reason": "Left the team"}
    proposed = await admin.post(f"/v1/users/{ada.user_id}/role-revocations", body)
    assert (await ada.get("/v1/users")).status_code == 200
    assert (await other.approve(proposed)).status_code == 200
    assert (await ada.get("/v1/users")).status_code == 403
    again = await admin.post(f"/v1/users/{ada.user_id}/role-revocations", body)
    assert (again.status_code, again.json()["code"]) == (409, "role_not_held")


async def test_a_proposal_is_made_once_for_one_key_and_the_trail_tells_both_people(world: World) -> None:
    admin = await world.person("root@example.com", Role.ADMINISTRATOR)
    other = await world.person("toor@example.com", Role.ADMINISTRATOR)
    ada = await world.person("ada@example.com")
    first = await admin.grant(ada.user_id, "finance", "key-1")
    second = await admin.grant(ada.user_id, "finance", "key-1")
    assert first.json() == second.json()
    assert second.headers["Idempotent-Replayed"] == "true"
    await other.approve(first)
    applied, granted, approved, proposed, *_ = (await admin.get("/v1/audit-entries")).json()["data"]
    assert [(entry["action"], entry["actor_id"]) for entry in (proposed, approved, granted, applied)] == [
        ("approval.proposed", admin.user_id),
        ("approval.approved", other.user_id),
        ("role.granted", other.user_id),
        ("approval.applied", other.user_id),
    ]
    assert (approved["details"]["before"], approved["details"]["after"]) == (
        {"state": "proposed"}, {"state": "approved"},
    )  # fmt: skip
    assert granted["details"] == {
        "role": "finance", "before": [], "after": ["finance"],
        "approval_id": first.json()["id"], "proposed_by": admin.user_id,
    }  # fmt: skip


@pytest.mark.parametrize(("held", "wanted"), [("auditor", "administrator"), ("support", "finance")])
async def test_a_role_that_conflicts_with_one_that_is_held_is_not_proposed(
    world: World, held: str, wanted: str
) -> None:
    admin = await world.person("root@example.com", Role.ADMINISTRATOR)
    staff = await world.person("staff@example.com", Role(held))
    refused = await admin.grant(staff.user_id, wanted)
    assert (refused.status_code, refused.json()["code"]) == (409, "roles_conflict")
    assert (await admin.grant(staff.user_id, held)).json()["code"] == "role_held"


async def test_a_role_that_came_to_conflict_meanwhile_is_not_granted(world: World) -> None:
    admin = await world.person("root@example.com", Role.ADMINISTRATOR)
    other = await world.person("toor@example.com", Role.ADMINISTRATOR)
    ada = await world.person("ada@example.com")
    one, two = await admin.grant(ada.user_id, "support"), await admin.grant(ada.user_id, "finance")
    assert (await other.approve(one)).status_code == 200
    assert (await other.approve(two)).json()["code"] == "roles_conflict"
    assert (await ada.get("/v1/me")).json()["roles"] == ["support"]


@pytest.mark.parametrize("role", [Role.CARDHOLDER, Role.FRAUD_ANALYST, Role.FINANCE, Role.SUPPORT])
async def test_nobody_but_an_admin_grants_roles_not_even_to_themselves(world: World, role: Role) -> None:
    person = await world.person("staff@example.com", role)
    assert (await person.grant(person.user_id, "administrator")).status_code == 403
    assert "roles.grant" not in (await person.get("/v1/me")).json()["permissions"]


async def test_unknown_roles_are_refused(world: World) -> None:
    admin = await world.person("root@example.com", Role.ADMINISTRATOR)
    response = await admin.grant(admin.user_id, "emperor")
    assert (response.status_code, response.json()["code"]) == (422, "validation_failed")


async def test_people_of_another_program_do_not_exist(world: World) -> None:
    admin = await world.person("root@example.com", Role.ADMINISTRATOR)
    stranger = await world.stranger()
    seen = await admin.get(f"/v1/users/{stranger}")
    assert (seen.status_code, seen.json()["code"]) == (404, "user_not_found")
    assert (await admin.grant(stranger, "support")).status_code == 404
    assert (await admin.get(f"/v1/users/{new_id('user')}")).json()["code"] == "user_not_found"
    assert [user["id"] for user in (await admin.get("/v1/users")).json()["data"]] == [admin.user_id]


async def test_the_people_of_some_ids_are_asked_for_together(world: World) -> None:
    support = await world.person("support@example.com", Role.SUPPORT)
    ada, _, eve = [await world.person(f"person{number}@example.com") for number in range(3)]
    await ada.put("/v1/me/profile", ADA)
    stranger = await world.stranger()
    wanted = [ada.user_id, eve.user_id, stranger, new_id("user"), ada.user_id]
    found = (await support.get("/v1/users", id=wanted)).json()["data"]
    assert [(user["id"], user["profile"]) for user in found] == [
        (eve.user_id, None),
        (ada.user_id, MASKED_ADA),
    ]
    both = (await support.get("/v1/users", id=wanted, text="Ada")).json()["data"]
    assert [user["id"] for user in both] == [ada.user_id]
    assert (await support.get("/v1/users", id=[eve.user_id], text="Ada")).json()["data"] == []
    for ids in ([new_id("user") for _ in range(101)], ["1; DROP TABLE"]):
        refused = await support.get("/v1/users", id=ids)
        assert (refused.status_code, refused.json()["code"]) == (422, "validation_failed")


async def test_people_are_listed_in_pages_newest_first(world: World) -> None:
    support = await world.person("support@example.com", Role.SUPPORT)
    people = [await world.person(f"person{number}@example.com") for number in range(4)]
    await people[0].put("/v1/me/profile", ADA)
    first = (await support.get("/v1/users", limit=3)).json()
    rest = (await support.get("/v1/users", limit=3, cursor=first["next_cursor"])).json()
    listed = first["data"] + rest["data"]
    assert [user["id"] for user in listed] == [
        *(person.user_id for person in reversed(people)),
        support.user_id,
    ]
    assert rest["next_cursor"] is None
    assert [user["profile"] for user in listed] == [None, None, None, MASKED_ADA, None]
    seen = (await support.get(f"/v1/users/{people[0].user_id}")).json()
    assert (seen["email"], seen["profile"]) == ("p•••@e•••.com", MASKED_ADA)
