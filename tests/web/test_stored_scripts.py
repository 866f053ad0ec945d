"""Scripts in every text that the API takes: no page runs one, none makes an element of it."""

import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from urllib.parse import urlencode
from uuid import uuid4

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from cardwright.demo.stack import Addresses
from web.conftest import PATIENCE_MS, beside, enter
from web.holder import Holder
from web.outside import Outside
from web.pages import CONSOLE, OURS
from web.scripts.by_holders import Planted, plant_as_holder
from web.scripts.by_office import plant_as_administrator, plant_as_finance, plant_as_reviewer
from web.scripts.by_staff import plant_as_analyst, plant_as_support, stop_the_rules
from web.scripts.corpus import ADDRESSES, BREAKOUTS, ELEMENTS, MUTATIONS, OVER_LINES, SCRIPTS
from web.scripts.planting import Planting
from web.scripts.text_fields import EXCEPTIONS, fields_that_can_hold_a_script
from web.scripts.trap import Trap
from web.watched import Watched

FEWEST_SCRIPTS = 25
COMPUTED_BY_A_TEMPLATE = "1337"
"""What 7 * 191 comes to, where a template computes what it should show."""
TEXTS = """() => [document.body.textContent,
  ...[...document.querySelectorAll('input, textarea')].map(({value}) => value)].join('\\n')"""


@pytest.fixture(scope="module")
def world(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Addresses]:
    """A stack of its own: where every name is a script, other tests would find nothing."""
    with beside(tmp_path_factory.mktemp("scripts") / "data", built) as where:
        yield where


@pytest.fixture(scope="module")
def member(world: Addresses) -> Callable[[str], Holder]:
    """Staff by the name before the @, signed in once."""

    @cache
    def signed_in(name: str) -> Holder:
        somebody = Holder(world.api, Outside(world.simulator), f"{name}@cardwright.example")
        somebody.sign_in(world.staff_password)
        return somebody

    return signed_in


@pytest.fixture(scope="module")
def planting(world: Addresses, member: Callable[[str], Holder]) -> Planting:
    return Planting(world, Outside(world.simulator), member)


@pytest.fixture(scope="module")
def planted(planting: Planting, world: Addresses) -> Planted:
    """Scripts in every field, by everybody who may write there."""
    suspect = Holder(world.api, planting.outside, f"sam-{uuid4().hex[:8]}@people.example")
    suspect.sign_up()
    suspect.prove_identity()
    suspect_id = suspect.call("GET", "/v1/me")["id"]
    made = plant_as_holder(planting)
    plant_as_support(planting, made, suspect_id)
    plant_as_analyst(planting, made)
    plant_as_reviewer(planting, made, suspect_id)
    plant_as_finance(planting, made)
    plant_as_administrator(planting)
    stop_the_rules(planting)
    planting.pages_of_staff.append(f"/console/customers/{made.user_id}")
    return made


@pytest.fixture
def context(browser: Browser, world: Addresses) -> Iterator[BrowserContext]:
    opened = browser.new_context(
        base_url=world.api, locale="en-US", reduced_motion="reduce", viewport={"width": 1280, "height": 860}
    )
    opened.set_default_timeout(PATIENCE_MS)
    yield opened
    opened.close()


def test_every_text_that_can_hold_a_script_has_held_one(planting: Planting, planted: Planted) -> None:
    fields = fields_that_can_hold_a_script()
    assert fields - set(planting.planted) - set(EXCEPTIONS) == set(), "plant a script there, or say why not"
    assert set(EXCEPTIONS) - fields == set(), "these are no such fields any more"
    assert set(EXCEPTIONS) & set(planting.planted) == set(), "these can be planted after all"


def test_every_script_was_taken_by_many_fields(planting: Planting, planted: Planted) -> None:
    assert len(SCRIPTS) >= FEWEST_SCRIPTS
    held = {script: sum(script in scripts for scripts in planting.planted.values()) for script in SCRIPTS}
    assert {script: count for script, count in held.items() if count < 5} == {}
    of_cards = planting.planted["create_card_batch", "csv"] | planting.planted["create_card", "label"]
    assert {script for script in SCRIPTS if script not in OVER_LINES and '"' not in script} <= of_cards


@pytest.mark.parametrize("place", ["<p>{}</p>", '<p title="{}">', "<p title='{}'>", '<a href="{}">see</a>'])
def test_the_trap_catches_what_is_not_escaped(browser: Browser, world: Addresses, place: str) -> None:
    context = browser.new_context(base_url=world.api)
    trap, page = Trap(context, world.api), context.new_page()
    missed = []
    for script in of_place(place):
        trap.sprung.clear()
        page.goto("about:blank")
        page.set_content(place.replace("{}", script), wait_until="commit")
        trap.inspect(page, place)
        if not trap.sprung:
            missed.append(script)
    context.close()
    assert missed == []


def of_place(place: str) -> tuple[str, ...]:
    """Return the scripts that do something where a page has a place like this and escapes nothing."""
    match place.partition("{}")[0][-1]:
        case ">":
            return (*ELEMENTS, *MUTATIONS[:3], BREAKOUTS[-2])
        case '"' if "href" in place:
            return ADDRESSES[:4]
        case quote:
            return tuple(script for script in BREAKOUTS if script.startswith(quote))


def test_no_page_of_the_holder_runs_one(
    context: BrowserContext, world: Addresses, planting: Planting, planted: Planted
) -> None:
    enter(context, planted.holder, world)
    reflected = ("/activity?text=<img src=x onerror=trap()>", "/sign-in?next=javascript:trap()")
    look_around(context, world, (*OURS, *planting.pages_of_holder, *reflected))


def test_no_page_of_staff_runs_one(
    context: BrowserContext, world: Addresses, member: Callable[[str], Holder], planting: Planting,
    planted: Planted,
) -> None:  # fmt: skip
    enter(context, member("admin"), world)
    reflected = (
        "/console/customers?text=<img src=x onerror=trap()>",
        "/console/payments?text=<svg onload=trap()>",
        "/console/approvals?open=<svg onload=trap()>",
    )
    look_around(context, world, (*CONSOLE, *planting.pages_of_staff, *reflected))


def look_around(context: BrowserContext, world: Addresses, paths: tuple[str, ...]) -> None:
    trap, watched = Trap(context, world.api), Watched(context)
    page = context.new_page()
    shown: set[str] = set()
    for path in dict.fromkeys(paths):
        open_wholly(page, path)
        trap.inspect(page, path)
        texts = page.evaluate(TEXTS)
        shown |= {script for script in SCRIPTS if script in texts}
    assert trap.sprung == []
    assert [wrong for wrong in watched.wrong if "answered" not in wrong] == []
    assert set(SCRIPTS) - set(OVER_LINES) - shown == set(), "the pages were to show them all"


def open_wholly(page: Page, path: str) -> None:
    page.goto(path)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.locator(".mantine-Skeleton-root")).to_have_count(0)
    page.mouse.wheel(0, 2_000)
    page.mouse.move(640, 430)


def test_the_page_that_asks_for_consent_runs_none(
    context: BrowserContext, world: Addresses, member: Callable[[str], Holder], planted: Planted
) -> None:
    client = member("developer").call("GET", "/v1/oauth/clients?limit=1")["data"][0]
    asked = {
        "client_id": client["id"], "redirect_uri": client["redirect_uris"][0], "response_type": "code",
        "scope": "profile", "state": "<svg onload=trap()>", "code_challenge": "x" * 43,
        "code_challenge_method": "S256",
    }  # fmt: skip
    enter(context, planted.holder, world)
    trap, page = Trap(context, world.api), context.new_page()
    page.goto(f"/oauth/authorize?{urlencode(asked)}")
    expect(page.locator("body")).to_contain_text(client["name"])
    expect(page.locator("script, img, svg, iframe, object, embed, input[autofocus]")).to_have_count(0)
    assert trap.sprung == []


def test_what_people_are_sent_holds_no_element_and_computes_nothing(
    context: BrowserContext, world: Addresses, planted: Planted
) -> None:
    answer = httpx.get(
        f"{world.simulator}/_sim/inbox", params={"to": planted.holder.email}
    ).raise_for_status()
    letters = answer.json()["data"]
    assert any("trap()" in letter["text"] for letter in letters), "letters name cards and merchants"
    page = context.new_page()
    trap = Trap(context, world.api)
    for letter in letters:
        assert COMPUTED_BY_A_TEMPLATE not in letter["text"] + (letter.get("html") or "")
        page.set_content(re.sub(r"<(meta|style|link)[^>]*>", "", letter.get("html") or ""))
    assert trap.sprung == []
