"""Which pages are photographed, for whom, and what the pictures are called."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from playwright.sync_api import Page, expect

from screenshots.world import World
from web.holder import Holder
from web.pages import CONSOLE, OURS, PUBLIC


@dataclass(frozen=True, slots=True)
class Shot:
    """A page, and what is done on it before the picture is taken."""

    name: str
    path: str
    act: Callable[[Page], object] = lambda _: None


@dataclass(frozen=True, slots=True)
class Sitting:
    """What somebody is photographed with; nobody is who is not signed in."""

    who: Holder | None
    shots: Sequence[Shot]


FIRST_STEPS: Final = ("/", "/identity", "/activity", "/cards", "/disputes", "/money", "/inbox")


def sittings(world: World) -> list[Sitting]:
    """Return every page: of nobody, of a newcomer, of somebody who uses everything, of staff."""
    return [
        Sitting(None, [*_plain(PUBLIC), Shot("missing", "/no-such-page")]),
        Sitting(world.newcomer, [Shot(f"newcomer-{name_of(path)}", path) for path in FIRST_STEPS]),
        Sitting(world.ada, [*_plain(OURS), *_hers(world.ids), *_by_acting()]),
        Sitting(world.admin, [*_plain(CONSOLE), *_of_staff(world)]),
        Sitting(world.reviewer, [Shot("console-review", f"/console/reviews/{world.crowd.review_id}")]),
        Sitting(world.finance, [Shot("console-entry", "/console/ledger/new"), _refused()]),
    ]


def name_of(path: str) -> str:
    """Name a page after its address.

    >>> name_of("/"), name_of("/console/rules/edit"), name_of("/reset-password#token")
    ('home', 'console-rules-edit', 'reset-password')
    """
    return re.sub(r"[^a-z]+", "-", path.split("#", maxsplit=1)[0]).strip("-") or "home"


def _plain(paths: Sequence[str]) -> list[Shot]:
    return [Shot(name_of(path), path) for path in paths]


def _hers(ids: Mapping[str, str]) -> list[Shot]:
    cards = [Shot(f"card-{name}", f"/cards/{ids[name]}") for name in ("everyday", "music", "frozen")]
    paid = [Shot(f"payment-{name}", f"/payments/{ids[name]}") for name in ("declined", "refunded")]
    return [
        *cards,
        *paid,
        Shot("dispute-begin", f"/payments/{ids['refunded']}/dispute"),
        Shot("dispute-draft", f"/disputes/{ids['draft']}"),
        Shot("dispute", f"/disputes/{ids['dispute']}"),
    ]


def _try_rule(page: Page) -> None:
    """Ask the condition about the newest payment."""
    trial = page.locator("main section").nth(1)
    trial.get_by_role("button").last.click()
    expect(trial.get_by_role("status")).to_be_visible()


def _refused() -> Shot:
    return Shot("console-refused", "/console/customers")


def _by_acting() -> list[Shot]:
    """Return what is seen only after a click."""
    return [
        Shot("new-card-form", "/cards/new", lambda page: page.locator("main button").first.click()),
        Shot("developers-events", "/developers", lambda page: page.get_by_role("tab").nth(1).click()),
        Shot("developers-keys", "/developers", lambda page: page.get_by_role("tab").last.click()),
        Shot("palette", "/", lambda page: page.keyboard.press("Control+k")),
    ]


def _of_staff(world: World) -> list[Shot]:
    crowd, office = world.crowd, world.office
    return [
        Shot("console-hour", "/console?hours=1"),
        Shot("console-customer", f"/console/customers/{crowd.customer_id}"),
        Shot("console-case", f"/console/cases?open={crowd.case_id}"),
        Shot("console-dispute", f"/console/disputes?open={crowd.dispute_id}"),
        Shot("console-proposal", f"/console/approvals?open={office.approval_id}"),
        Shot("console-rule", f"/console/rules/edit?rule={office.rule}", _try_rule),
        Shot("console-backtest", f"/console/rules/backtests/{office.backtest_id}"),
        Shot("console-list", f"/console/rules/lists/{office.list_id}"),
        Shot("console-payment", f"/console/payments/{world.ids['refunded']}"),
        Shot("console-payment-declined", f"/console/payments/{world.ids['declined']}"),
        *(
            Shot("console-difference", f"/console/reconciliation?difference={found}")
            for found in office.difference_ids[:1]
        ),
        Shot("console-palette", "/console", lambda page: page.keyboard.press("Control+k")),
    ]
