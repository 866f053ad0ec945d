"""Staff see a customer whole only with another's consent, alone, for a quarter of an hour, on the record."""

from datetime import date, timedelta

import pytest

from cardwright.access import Role
from cardwright.db.session import transaction
from cardwright.users import Address, ProfileDetails, save_profile
from integration.approvals.office import Colleague, Office

pytestmark = pytest.mark.four_eyes
HOME = Address("12 St James's Square", "London", "SW1Y 4JH", "GB")


async def a_customer(office: Office) -> Colleague:
    ada = await office.colleague("ada")
    details = ProfileDetails(
        "Ada Lovelace", date(1985, 12, 10), "en-GB", "Europe/London", "+442071234567", HOME
    )
    async with transaction(office.engine) as session:
        await save_profile(session, ada.user_id, details, office.clock.now(), ensure_may_move=lambda: None)
    return ada


async def views(office: Office) -> int:
    return len(await office.trail("user.revealed"))


async def test_what_staff_see_without_asking_is_masked(office: Office) -> None:
    support, ada = await office.colleague("support", Role.SUPPORT), await a_customer(office)
    for answer in (await support.get(f"/users/{ada.user_id}"), await support.get("/users")):
        assert answer.status_code == 200
        for secret in ("+442071234567", "1985-12-10", "St James", "SW1Y", "staff.example"):
            assert secret not in answer.text


async def test_an_approved_reveal_is_open_to_who_asked_for_it_and_every_look_is_recorded(
    office: Office,
) -> None:
    admin = await office.colleague("admin", Role.ADMINISTRATOR)
    support, ada = await office.colleague("support", Role.SUPPORT), await a_customer(office)
    proposed = await support.ask_to_see(ada.user_id)
    path = f"/users/{ada.user_id}/reveals/{proposed.json()['id']}"
    early = await support.get(path)
    assert (early.status_code, early.json()["code"]) == (409, "reveal_not_approved")
    assert (await admin.decide(proposed)).status_code == 200
    for number in (1, 2):
        shown = (await support.get(path)).json()
        assert shown["profile"]["phone"] == "+442071234567"
        assert shown["profile"]["date_of_birth"] == "1985-12-10"
        assert await views(office) == number
    [entry, _] = await office.trail("user.revealed")
    assert (entry.actor_id, entry.subject_id) == (support.user_id, ada.user_id)
    assert entry.details["approved_by"] == admin.user_id


async def test_an_approved_reveal_is_closed_to_everybody_else(office: Office) -> None:
    admin = await office.colleague("admin", Role.ADMINISTRATOR)
    support, ada = await office.colleague("support", Role.SUPPORT), await a_customer(office)
    other = await office.colleague("other", Role.SUPPORT)
    proposed = await support.ask_to_see(ada.user_id)
    await admin.decide(proposed)
    path = f"/users/{ada.user_id}/reveals/{proposed.json()['id']}"
    assert (await other.get(path)).json()["code"] == "reveal_unknown"
    assert (await admin.get(path)).status_code == 403
    assert (await ada.get(path)).status_code == 403
    swapped = f"/users/{other.user_id}/reveals/{proposed.json()['id']}"
    assert (await support.get(swapped)).json()["code"] == "reveal_unknown"
    assert await views(office) == 0


async def test_a_reveal_is_over_after_a_quarter_of_an_hour(office: Office) -> None:
    admin = await office.colleague("admin", Role.ADMINISTRATOR)
    support, ada = await office.colleague("support", Role.SUPPORT), await a_customer(office)
    proposed = await support.ask_to_see(ada.user_id)
    await admin.decide(proposed)
    path = f"/users/{ada.user_id}/reveals/{proposed.json()['id']}"
    office.clock.advance(timedelta(minutes=15, seconds=-1))
    assert (await support.get(path)).status_code == 200
    office.clock.advance(timedelta(seconds=1))
    assert (await support.get(path)).json()["code"] == "reveal_over"


async def test_a_reveal_ends_with_the_role_that_asked_for_it(office: Office) -> None:
    admin = await office.colleague("admin", Role.ADMINISTRATOR)
    support, ada = await office.colleague("support", Role.SUPPORT), await a_customer(office)
    proposed = await support.ask_to_see(ada.user_id)
    await admin.decide(proposed)
    await office.dismiss(support)
    assert (await support.get(f"/users/{ada.user_id}/reveals/{proposed.json()['id']}")).status_code == 403


async def test_an_approval_of_another_kind_opens_nothing(office: Office) -> None:
    analyst, admin = (
        await office.colleague("analyst", Role.FRAUD_ANALYST),
        await office.colleague("admin", Role.ADMINISTRATOR),
    )
    ada = await a_customer(office)
    proposed = await analyst.propose_rules()
    await admin.decide(proposed)
    path = f"/users/{ada.user_id}/reveals/{proposed.json()['id']}"
    assert (await analyst.get(path)).json()["code"] == "reveal_unknown"


async def test_nobody_asks_to_see_somebody_who_does_not_exist(office: Office) -> None:
    support = await office.colleague("support", Role.SUPPORT)
    answer = await support.ask_to_see("user_00000000000000000000000000")
    assert (answer.status_code, answer.json()["code"]) == (404, "user_not_found")
