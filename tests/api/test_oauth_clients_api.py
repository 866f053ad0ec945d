"""Staff register applications, replace their secrets, give them roles and end them, over HTTP."""

from collections.abc import Mapping
from typing import Any

import httpx
import pytest
from joserfc.jwk import ECKey, OctKey
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from browsers import sign_in
from cardwright import oauth
from cardwright.access import Role, add_role
from cardwright.approvals import find_approval
from cardwright.core.clock import MovableClock
from cardwright.db.session import transaction
from integration.kyc.people import a_person, the_program
from integration.oauth.scene import credentials
from staff import approved, grant_role

CLIENTS = "/v1/oauth/clients"
TALLY: dict[str, Any] = {
    "name": "Tally Accounting",
    "auth_method": "client_secret_basic",
    "grant_types": ["authorization_code", "refresh_token"],
    "scopes": ["openid", "payments.read"],
    "redirect_uris": ["https://tally.example/connected"],
}
MACHINE: dict[str, Any] = {
    "name": "Nightly report",
    "auth_method": "client_secret_basic",
    "grant_types": ["client_credentials"],
    "scopes": ["users.read"],
}
PHONE: dict[str, Any] = {
    **TALLY, "auth_method": "none", "redirect_uris": ["com.example.app:/done", "http://127.0.0.1/done"],
}  # fmt: skip
PUBLIC_KEY = ECKey.generate_key("P-256").as_dict(private=False)


def keyed(*keys: Any) -> dict[str, Any]:
    """Return what makes an application prove itself by keys."""
    return {"auth_method": "private_key_jwt", "key_set": {"keys": list(keys)}}


async def staff(engine: AsyncEngine, clock: MovableClock, role: Role) -> Mapping[str, str]:
    user_id = await a_person(engine, clock, f"{role.value}@example.com")
    async with transaction(engine) as session:
        await grant_role(session, user_id, role, "system", clock.now())
    return await sign_in(engine, clock, user_id)


@pytest.fixture
async def developer(engine: AsyncEngine, clock: MovableClock, client: httpx.AsyncClient) -> Mapping[str, str]:
    return await staff(engine, clock, Role.DEVELOPER)


async def register(
    client: httpx.AsyncClient, headers: Mapping[str, str], body: Mapping[str, Any]
) -> httpx.Response:
    return await client.post(CLIENTS, json=body, headers=headers)


async def test_a_secret_is_told_once_and_works_until_it_is_replaced(
    client: httpx.AsyncClient, developer: Mapping[str, str]
) -> None:
    made = (await register(client, developer, MACHINE)).json()
    shown = (await client.get(f"{CLIENTS}/{made['id']}", headers=developer)).json()
    listed = (await client.get(CLIENTS, headers=developer)).json()
    assert "client_secret" not in shown
    assert listed["data"] == [shown]
    assert shown == {name: value for name, value in made.items() if name != "client_secret"}

    async def proves_itself(secret: str) -> bool:
        form = {"grant_type": "client_credentials"}
        answer = await client.post("/oauth/token", data=form, headers=credentials(f"{made['id']}:{secret}"))
        return bool(answer.json()["error"] != "invalid_client")

    assert await proves_itself(made["client_secret"])
    replaced = (await client.post(f"{CLIENTS}/{made['id']}/secret", headers=developer)).json()
    assert not await proves_itself(made["client_secret"])
    assert await proves_itself(replaced["client_secret"])
    assert (await client.delete(f"{CLIENTS}/{made['id']}", headers=developer)).status_code == 204
    assert not await proves_itself(replaced["client_secret"])


@pytest.mark.parametrize("body", [TALLY, MACHINE, PHONE, {**TALLY, **keyed(PUBLIC_KEY)}])
async def test_sound_applications_are_registered(
    client: httpx.AsyncClient, developer: Mapping[str, str], body: Mapping[str, Any]
) -> None:
    made = await register(client, developer, body)
    assert made.status_code == 201, made.text
    has_secret = body["auth_method"] == "client_secret_basic"
    assert (made.json()["client_secret"] is not None) is has_secret
    assert made.json()["is_first_party"] is False


@pytest.mark.parametrize(
    "changes",
    [
        {"scopes": []},
        {"scopes": ["everything"]},
        {"scopes": ["account.write"]},
        {"scopes": ["offline_access"], "grant_types": ["authorization_code"]},
        {"grant_types": []},
        {"grant_types": ["refresh_token"], "redirect_uris": []},
        {"grant_types": ["client_credentials"]},
        {"grant_types": ["client_credentials"], "redirect_uris": []},
        {"redirect_uris": []},
        {"redirect_uris": ["http://tally.example/"]},
        {"redirect_uris": ["com.example.app:/done"]},
        {"redirect_uris": ["https://tally.example/#x"]},
        {"post_logout_redirect_uris": ["javascript:alert(1)"]},
        {"auth_method": "none", "grant_types": ["authorization_code", "client_credentials"]},
        {"auth_method": "private_key_jwt"},
        {"key_set": {"keys": [PUBLIC_KEY]}},
        {"auth_method": "private_key_jwt", "key_set": {}},
        keyed(),
        keyed("key"),
        keyed(ECKey.generate_key("P-256").as_dict(private=True)),
        keyed(OctKey.generate_key(256).as_dict(private=True)),
        keyed({"kty": "OKP", "crv": "Ed25519", "x": "AA"}),
        {"is_first_party": True},
        {"name": "two\nlines"},
    ],
)
async def test_unsound_applications_are_not(
    client: httpx.AsyncClient, developer: Mapping[str, str], changes: Mapping[str, Any]
) -> None:
    refused = await register(client, developer, {**TALLY, **changes})
    assert refused.status_code == 422, refused.text
    assert (await client.get(CLIENTS, headers=developer)).json()["data"] == []


async def test_the_auditor_looks_and_changes_nothing(
    engine: AsyncEngine, clock: MovableClock, client: httpx.AsyncClient, developer: Mapping[str, str]
) -> None:
    made = (await register(client, developer, TALLY)).json()
    auditor = await staff(engine, clock, Role.AUDITOR)
    assert (await client.get(f"{CLIENTS}/{made['id']}", headers=auditor)).status_code == 200
    assert (await register(client, auditor, TALLY)).status_code == 403
    assert (await client.delete(f"{CLIENTS}/{made['id']}", headers=auditor)).status_code == 403
    assert (await client.post(f"{CLIENTS}/{made['id']}/secret", headers=auditor)).status_code == 403


async def test_a_role_for_a_machine_takes_two_people(
    engine: AsyncEngine, clock: MovableClock, client: httpx.AsyncClient, developer: Mapping[str, str]
) -> None:
    made = (await register(client, developer, MACHINE)).json()
    headers = credentials(f"{made['id']}:{made['client_secret']}")
    form = {"grant_type": "client_credentials"}
    wish = {"role": "support", "reason": "reads the list every night"}
    administrator = await staff(engine, clock, Role.ADMINISTRATOR)
    path = f"{CLIENTS}/{made['id']}/roles"
    by_developer = await client.post(path, json=wish, headers={**developer, "Idempotency-Key": "k"})
    assert by_developer.status_code == 403
    proposed = await client.post(path, json=wish, headers={**administrator, "Idempotency-Key": "k"})
    assert proposed.status_code == 202, proposed.text
    assert (await client.post("/oauth/token", data=form, headers=headers)).json()["error"] == "invalid_scope"
    async with transaction(engine) as session:
        program = await the_program(session)
        proposal = await find_approval(session, program.id, proposed.json()["id"])
        assert proposal is not None
        await approved(session, proposal, clock.now())
    assert (await client.post("/oauth/token", data=form, headers=headers)).json()["scope"] == "users.read"


@pytest.mark.parametrize(
    ("body", "role", "code"),
    [(MACHINE, "cardholder", "role_not_for_clients"), (TALLY, "support", "role_not_for_clients")],
)
async def test_some_roles_are_for_no_machine(
    engine: AsyncEngine, clock: MovableClock, client: httpx.AsyncClient, developer: Mapping[str, str],
    body: Mapping[str, Any], role: str, code: str,
) -> None:  # fmt: skip
    made = (await register(client, developer, body)).json()
    administrator = await staff(engine, clock, Role.ADMINISTRATOR)
    refused = await client.post(
        f"{CLIENTS}/{made['id']}/roles", json={"role": role, "reason": "because"},
        headers={**administrator, "Idempotency-Key": "k"},
    )  # fmt: skip
    assert (refused.status_code, refused.json()["code"]) == (409, code)


async def test_the_database_gives_no_machine_a_role_that_one_person_wants(
    engine: AsyncEngine, clock: MovableClock, client: httpx.AsyncClient, developer: Mapping[str, str]
) -> None:
    made = (await register(client, developer, MACHINE)).json()
    with pytest.raises(DBAPIError, match="nobody approved this"):
        async with transaction(engine) as session:
            await add_role(session, made["id"], Role.SUPPORT, by="user_staff", at=clock.now())


async def test_the_programs_own_application_follows_the_settings(
    engine: AsyncEngine, clock: MovableClock, client: httpx.AsyncClient, developer: Mapping[str, str]
) -> None:
    for uri in ("app.cardwright.mobile:/signed-in", "app.cardwright.mobile:/done"):
        async with transaction(engine) as session:
            program = await the_program(session)
            phones = oauth.mobile_client(program.name, [uri])
            await oauth.ensure_first_party_client(
                session, oauth.MOBILE_CLIENT_ID, phones, program_id=program.id, at=clock.now()
            )
    shown = (await client.get(f"{CLIENTS}/{oauth.MOBILE_CLIENT_ID}", headers=developer)).json()
    assert (shown["is_first_party"], shown["auth_method"]) == (True, "none")
    assert shown["redirect_uris"] == ["app.cardwright.mobile:/done"]
    assert "cards.write" in shown["scopes"]
    assert "ledger.read" not in shown["scopes"]
