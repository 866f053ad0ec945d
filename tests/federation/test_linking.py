"""Linking accounts of a provider to one's own, and unlinking them."""

from cardwright.db import outbox
from cardwright.db.session import transaction
from federation.conftest import World
from federation.test_signing_in import PASSWORD, with_password
from running_provider import consent_at


async def test_an_account_is_linked_once_listed_and_told_of(world: World) -> None:
    owner = await with_password(world, "grace@example.com")
    async with transaction(world.engine) as session:
        await outbox.take(session, 100)
    assert [await owner.link("ada"), await owner.link("ada")] == ["outcome=linked"] * 2
    (shown,) = (await owner.send("GET", "/v1/auth/linked-identities")).json()["data"]
    assert (shown["provider_id"], shown["last_used_at"]) == ("example", None)
    assert "subject" not in shown
    async with transaction(world.engine) as session:
        told = await outbox.take(session, 100)
    assert [(event.type, event.payload) for event in told] == [
        ("authentication.identity_linked", {"provider": "example"})
    ]


async def test_an_account_of_the_provider_belongs_to_one_person(world: World) -> None:
    first = await with_password(world, "grace@example.com")
    second = await with_password(world, "mallory@example.com")
    assert await first.link("ada") == "outcome=linked"
    assert await second.link("ada") == "error=linked_elsewhere"
    assert (await second.send("GET", "/v1/auth/linked-identities")).json() == {"data": []}


async def test_linking_needs_somebody_who_proved_lately_who_they_are(world: World) -> None:
    assert (await world.browser().send("POST", "/v1/auth/providers/example/link")).status_code == 401
    owner = await with_password(world, "grace@example.com")
    assert await owner.link("ada") == "outcome=linked"
    await world.change("UPDATE auth_sessions SET created_at = created_at - interval '6 minutes'")
    (link,) = (await owner.send("GET", "/v1/auth/linked-identities")).json()["data"]
    asked = await owner.send("POST", "/v1/auth/providers/example/link")
    removed = await owner.send("DELETE", f"/v1/auth/linked-identities/{link['id']}")
    for refused in (asked, removed):
        assert (refused.status_code, refused.json()["code"]) == (401, "sign_in_again")
    assert await owner.sign_in_as("ada") == "outcome=signed_in"
    assert (await owner.send("DELETE", f"/v1/auth/linked-identities/{link['id']}")).status_code == 204


async def test_whoever_has_a_second_factor_gives_it_before_linking_and_after_the_provider(
    world: World,
) -> None:
    owner = await with_password(world, "grace@example.com")
    await owner.add_app()
    assert await owner.link("ada") == "outcome=linked"
    await world.change("UPDATE auth_sessions SET factor_used_at = factor_used_at - interval '6 minutes'")
    refused = await owner.send("POST", "/v1/auth/providers/example/link")
    assert (refused.status_code, refused.json()["code"]) == (401, "step_up_required")
    browser = world.browser()
    assert await browser.sign_in_as("ada") == "outcome=factor_required"
    assert (await browser.send("GET", "/v1/me")).json()["code"] == "factor_required"


async def test_a_visit_links_for_the_session_that_began_it_alone(world: World) -> None:
    owner = await with_password(world, "grace@example.com")
    url = await consent_at(await owner.depart("link"), "ada")
    other = await with_password(world, "mallory@example.com")
    owner.cookies = {**owner.cookies, **other.cookies}
    assert await owner.come_back(url) == "error=session_ended"
    assert await world.scalars("SELECT id FROM linked_identities") == []


async def test_a_visit_does_not_link_for_whoever_signed_out_or_awaits_a_factor(world: World) -> None:
    owner = await with_password(world, "grace@example.com")
    url = await consent_at(await owner.depart("link"), "ada")
    await world.change("UPDATE auth_sessions SET awaits_factor = true")
    assert await owner.come_back(url) == "error=session_ended"
    await world.change("UPDATE auth_sessions SET awaits_factor = false")
    url = await consent_at(await owner.depart("link"), "ada")
    await owner.send("POST", "/v1/auth/sign-out")
    assert await owner.come_back(url) == "error=session_ended"
    assert await world.scalars("SELECT id FROM linked_identities") == []


async def test_an_unlinked_account_signs_nobody_in(world: World) -> None:
    owner = await with_password(world, "ada@example.com")
    await owner.link("ada")
    (link,) = (await owner.send("GET", "/v1/auth/linked-identities")).json()["data"]
    assert (await owner.send("DELETE", f"/v1/auth/linked-identities/{link['id']}")).status_code == 204
    assert await world.browser().sign_in_as("ada") == "error=account_exists"
    gone = await owner.send("DELETE", f"/v1/auth/linked-identities/{link['id']}")
    assert (gone.status_code, gone.json()["code"]) == (404, "link_not_found")


async def test_the_last_way_in_stays(world: World) -> None:
    browser = world.browser()
    await browser.sign_in_as("ada")
    assert await browser.link("grace") == "outcome=linked"
    first, second = (await browser.send("GET", "/v1/auth/linked-identities")).json()["data"]
    assert (await browser.send("DELETE", f"/v1/auth/linked-identities/{first['id']}")).status_code == 204
    kept = await browser.send("DELETE", f"/v1/auth/linked-identities/{second['id']}")
    assert (kept.status_code, kept.json()["code"]) == (409, "last_way_in")
    assert await world.browser().sign_in_as("grace") == "outcome=signed_in"


async def test_nobody_unlinks_what_is_somebody_elses(world: World) -> None:
    owner = await with_password(world, "grace@example.com")
    await owner.link("ada")
    (link,) = (await owner.send("GET", "/v1/auth/linked-identities")).json()["data"]
    other = await with_password(world, "mallory@example.com")
    refused = await other.send("DELETE", f"/v1/auth/linked-identities/{link['id']}")
    assert (refused.status_code, refused.json()["code"]) == (404, "link_not_found")
    assert await world.scalars("SELECT id FROM linked_identities") == [link["id"]]


async def test_a_closed_account_gives_up_its_links(world: World) -> None:
    owner = await with_password(world, "grace@example.com")
    await owner.link("ada")
    before = await owner.who()
    closed = await owner.send(
        "POST", "/v1/me/close", json={"password": PASSWORD}, headers={"Idempotency-Key": "k"}
    )
    assert closed.status_code == 204
    browser = world.browser()
    assert await browser.sign_in_as("ada") == "outcome=signed_in"
    assert await browser.who() != before
    assert await world.browser().sign_in_as("grace") == "error=account_exists"
