"""Answers that were not meant for the browser that brings them: replayed, injected, mixed up."""

from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from federation.conftest import PATH, VISIT, Browser, World
from running_provider import consent_at


def with_parameters(url: str, **changed: str) -> str:
    asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
    return f"{urlsplit(url)._replace(query='').geturl()}?{urlencode({**asked, **changed})}"


def parameter(url: str, name: str) -> str:
    return parse_qs(urlsplit(url).query)[name][0]


async def test_an_answer_is_taken_up_once(world: World) -> None:
    browser = world.browser()
    url = await consent_at(await browser.depart(), "ada")
    replay = Browser(world.client, dict(browser.cookies))
    assert await browser.come_back(url) == "outcome=signed_in"
    assert await replay.come_back(url) == "error=visit_unknown"
    assert not replay.is_signed_in


async def test_a_visit_that_went_wrong_does_not_go_on(world: World) -> None:
    browser = world.browser()
    url = await consent_at(await browser.depart(), "ada")
    visit = browser.cookies[VISIT]
    assert await browser.come_back(with_parameters(url, state="x" * 43)) == "error=visit_unknown"
    browser.cookies[VISIT] = visit
    assert await browser.come_back(url) == "error=visit_unknown"
    assert not browser.is_signed_in


async def test_an_answer_with_the_state_of_another_visit_is_refused(world: World) -> None:
    browser = world.browser()
    old = await consent_at(await browser.depart(), "ada")
    await browser.depart()
    assert await browser.come_back(old) == "error=visit_unknown"
    assert not browser.is_signed_in


async def test_an_attackers_answer_signs_nobody_in_as_the_attacker(world: World) -> None:
    attacker, victim = world.browser(), world.browser()
    url = await consent_at(await attacker.depart(), "mallory")
    # A link in a mail, in a browser that is on no visit, and in one that is on its own.
    assert await victim.come_back(url) == "error=visit_unknown"
    await victim.depart()
    assert await victim.come_back(url) == "error=visit_unknown"
    assert (victim.is_signed_in, await world.people()) == (False, 0)


async def test_an_attackers_code_is_good_for_nothing_in_another_browser(world: World) -> None:
    attacker, victim = world.browser(), world.browser()
    stolen = await consent_at(await victim.depart(), "ada")
    attackers = await consent_at(await attacker.depart(), "mallory")
    injected = with_parameters(attackers, code=parameter(stolen, "code"))
    assert await attacker.come_back(injected) == "error=provider_refused"
    assert (attacker.is_signed_in, await world.people()) == (False, 0)
    planted = with_parameters(stolen, code=parameter(attackers, "code"))
    assert await victim.come_back(planted) == "error=provider_refused"
    assert (victim.is_signed_in, await world.people()) == (False, 0)


@pytest.mark.parametrize("issuer", ["https://evil.example", "", "http://127.0.0.1:1", "http://127.0.0.1"])
async def test_an_answer_of_another_issuer_is_refused(world: World, issuer: str) -> None:
    browser = world.browser()
    url = await consent_at(await browser.depart(), "ada")
    assert await browser.come_back(with_parameters(url, iss=issuer)) == "error=provider_refused"
    assert not browser.is_signed_in


async def test_an_answer_that_lost_its_issuer_is_refused(world: World) -> None:
    browser = world.browser()
    url = await consent_at(await browser.depart(), "ada")
    bare = {name: parameter(url, name) for name in ("code", "state")}
    path = PATH.format("example")
    assert await browser.come_back(f"{path}?{urlencode(bare)}") == "error=provider_refused"


async def test_an_answer_of_one_provider_is_not_taken_up_for_another(world: World) -> None:
    browser = world.browser()
    url = await consent_at(await browser.depart(provider_id="example"), "ada")
    elsewhere = url.replace(PATH.format("example"), PATH.format("other"))
    assert await browser.come_back(elsewhere) == "error=visit_unknown"
    assert not browser.is_signed_in
    assert await browser.sign_in_as("ada", provider_id="other") == "outcome=signed_in"


@pytest.mark.parametrize("twice", ["code", "state", "iss", "error"])
async def test_a_parameter_that_comes_twice_is_refused(world: World, twice: str) -> None:
    browser = world.browser()
    url = await consent_at(await browser.depart(), "ada")
    doubled = f"{url}&{twice}={parameter(url, twice) if twice != 'error' else 'none'}"
    assert await browser.come_back(doubled) in {"error=provider_refused", "error=visit_unknown"}
    assert not browser.is_signed_in


async def test_a_visit_lasts_ten_minutes(world: World) -> None:
    browser = world.browser()
    url = await consent_at(await browser.depart(), "ada")
    await world.change("UPDATE federation_attempts SET expires_at = expires_at - interval '10 minutes'")
    assert await browser.come_back(url) == "error=visit_unknown"
    await world.browser().depart()
    await world.change("UPDATE federation_attempts SET expires_at = expires_at - interval '10 minutes'")
    await world.browser().depart()
    assert len(await world.scalars("SELECT provider_id FROM federation_attempts")) == 1


async def test_garbage_for_an_answer_is_refused_and_never_shown(world: World) -> None:
    path = PATH.format("example")
    for query in (
        "",
        "code=1",
        "state=1",
        "code=<script>&state=é",
        f"state={'x' * 5000}&code=1",
        "error=%00",
        "state=%00%ff",
    ):
        browser = world.browser()
        await browser.depart()
        assert await browser.come_back(f"{path}?{query}") == "error=visit_unknown"
