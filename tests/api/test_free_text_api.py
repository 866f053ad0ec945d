"""What people write on cards, templates, lists, locks and profiles: never blank, never a card number."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from api.card_desk import Desk, a_desk
from browsers import sign_in
from cardwright.access import Role
from cardwright.cards import batches
from cardwright.cards.rows import card_of_row
from cardwright.core.clock import MovableClock
from cardwright.core.ids import new_id
from cardwright.db.jobs import Work
from cardwright.db.session import transaction
from integration.kyc.people import a_person, drain
from staff import grant_role

NUMBER: Final = "4242 4242-4242 4242"
PROFILE: Final[Mapping[str, Any]] = {
    "full_name": "Robin Sample", "date_of_birth": "1990-01-01", "locale": "en", "time_zone": "UTC",
    "address": {"line1": "1 Main Street", "city": "Springfield", "postal_code": "12345", "country": "US"},
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Field:
    """A field that takes what people write: by whom, and where it stands."""

    method: str
    path: str
    body: Mapping[str, Any]
    by: str = "holder"


SOME: Final = new_id("card")
FIELDS: Final[Mapping[str, Field]] = {
    "a label": Field("POST", "/cards", {"label": ...}),
    "another label": Field("PATCH", f"/cards/{SOME}", {"label": ...}),
    "a template's name": Field("POST", "/card-templates", {"name": ...}, "chief"),
    "a lock": Field("POST", f"/cards/{SOME}/lock", {"reason": ...}, "analyst"),
    "a proposal": Field("POST", f"/users/{SOME}/roles", {"role": "support", "reason": ...}, "chief"),
    "a rejection": Field("POST", f"/approvals/{SOME}/reject", {"note": ...}, "chief"),
    "a name": Field("PUT", "/me/profile", {**PROFILE, "full_name": ...}),
    **{
        name: Field("PUT", "/me/profile", {**PROFILE, "address": {**PROFILE["address"], name: ...}})
        for name in ("line1", "city", "postal_code")
    },
}


@dataclass
class Writing(Desk):
    """A desk with an administrator, too."""

    chief: Mapping[str, str]

    async def write(self, where: str, what: str) -> httpx.Response:
        field = FIELDS[where]
        body = {
            name: what if value is ... else self._within(value, what) for name, value in field.body.items()
        }
        return await self.ask(field.method, field.path, body, by=getattr(self, field.by))

    def _within(self, value: Any, what: str) -> Any:
        if not isinstance(value, dict):
            return value
        return {name: what if inner is ... else inner for name, inner in value.items()}


@pytest.fixture
async def desk(client: httpx.AsyncClient, engine: AsyncEngine, clock: MovableClock) -> Writing:
    desk = await a_desk(client, engine, clock)
    chief = await a_person(engine, clock, "chief@example.com")
    async with transaction(engine) as session:
        await grant_role(session, chief, Role.ADMINISTRATOR, "system", clock.now())
    headers = await sign_in(engine, clock, chief, has_used_factor=True)
    return Writing(client, engine, clock, desk.user_id, desk.holder, desk.analyst, headers)


@pytest.mark.parametrize("where", FIELDS)
async def test_a_card_number_is_written_down_nowhere(desk: Writing, where: str) -> None:
    for what in (NUMBER, f"My {NUMBER}, blue", "378282246310005"):
        refused = await desk.write(where, what)
        assert (refused.status_code, refused.json()["code"]) == (422, "card_number_refused"), refused.text
        assert "4242" not in refused.text


@pytest.mark.parametrize("where", FIELDS)
async def test_blanks_are_nothing_written(desk: Writing, where: str) -> None:
    for what in ("", " ", "\u00a0", " " * 50):
        refused = await desk.write(where, what)
        assert refused.status_code == 422
        assert refused.json()["code"] in {"validation_failed", "profile_invalid"}


async def test_a_templates_description_may_be_empty_but_holds_no_card_number(desk: Writing) -> None:
    refused = await desk.ask("POST", "/card-templates", {"name": "Ads", "description": NUMBER}, by=desk.chief)
    assert refused.json()["code"] == "card_number_refused"


async def test_blanks_around_a_label_are_not_kept(desk: Writing) -> None:
    made = await desk.ask("POST", "/cards", {"label": "  Rent and food "})
    assert made.json()["label"] == "Rent and food"


async def test_a_list_with_a_card_number_is_refused_whole_and_kept_nowhere(
    desk: Writing, engine: AsyncEngine
) -> None:
    refused = await desk.ask("POST", "/card-batches", {"csv": f"label\nAds\n{NUMBER}\n"})
    assert (refused.status_code, refused.json()["code"]) == (422, "card_number_refused")
    assert "Row 2" in refused.json()["detail"]
    async with transaction(engine) as session:
        kept = "SELECT (SELECT count(*) FROM card_batches) + (SELECT count(*) FROM card_batch_rows)"
        assert (await session.execute(text(kept))).scalar_one() == 0


ROWS: Final[Mapping[str, str]] = {
    " +1,,,,": "A label does not start like a formula.",
    "\t=cmd(),,,,": "A label does not start like a formula.",
    '" ",,,,': "label is one line of 1 to 60 printable characters.",
    ",standard,,,": "label is one line of 1 to 60 printable characters.",
    "Odd,physical,,,": "type is one of standard, single_use, limited_use, exact_amount,",
    "Odd,limited_use,99999,,": "uses is a number from 1 to 10000.",
    "Odd,limited_use,many,,": "'many' is not a whole number.",
    "Odd,merchant_locked,,Nobody!,": "merchant_lock is first or the id of a merchant.",
    "Odd,dated,,,tomorrow": "valid_until is an instant such as 2027-01-31T00:00:00Z.",
}


async def test_a_wrong_row_is_told_in_our_own_words(
    desk: Writing, engine: AsyncEngine, clock: MovableClock
) -> None:
    list_ = "\n".join(["label,type,uses,merchant_lock,valid_until", *ROWS])
    made = await desk.ask("POST", "/card-batches", {"csv": list_})
    assert made.status_code == 201, made.text
    [event] = [it for it in await drain(engine) if it.type == "cards.batch_requested"]
    await batches.make_cards(Work(engine, clock, {}), event, card_of_row)
    rows = (await desk.ask("GET", f"/card-batches/{made.json()['id']}/rows")).json()
    assert {row["error_code"] for row in rows} == {"row_invalid"}
    for row, expected in zip(rows, ROWS.values(), strict=True):
        assert row["error_message"].startswith(expected), row
