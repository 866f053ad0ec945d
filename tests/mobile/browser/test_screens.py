"""What belongs to oneself, on the phone: being known, adding money, changing a card, reading, signing out."""

import io
from collections.abc import Callable
from uuid import uuid4

import pytest
from PIL import Image
from playwright.sync_api import expect

from cardwright.demo.stack import Addresses
from mobile.browser.handset import Handset
from web.conftest import member
from web.holder import PROFILE, Holder
from web.outside import Outside, eventually

__all__ = ["member"]


@pytest.fixture
def newcomer(stack: Addresses, outside: Outside) -> Holder:
    """Somebody who said who they are and proved nothing yet."""
    made = Holder(stack.api, outside, f"ida-{uuid4().hex[:8]}@people.example")
    made.sign_up()
    made.call("PUT", "/v1/me/profile", PROFILE)
    return made


def test_from_an_empty_home_to_a_card_of_ones_own_terms(
    handset: Handset, newcomer: Holder, outside: Outside
) -> None:
    handset.open()
    handset.sign_in(newcomer)
    handset.tap("set-up")
    handset.tap("begin")
    handset.sees("go-on", "Show your documents")
    outside.hand_in_documents(newcomer.call("GET", "/v1/me/identity")["url"])
    handset.sees("standing", "Verified")
    handset.open()
    handset.tap("add-money")
    handset.tap("quick-5000")
    handset.tap("send")
    handset.sees("top-up", "$50.00 is in your balance")
    handset.tap("to-home")
    handset.sees("balance", "$50.00")
    handset.does_not_see("set-up")

    card_id = newcomer.create_card("Everyday")
    outside.pay(card_id, "corner-cafe", 2_00)
    handset.open(f"/cards/{card_id}")
    handset.tap("to-limits")
    handset.type("field-day", "12.50")
    handset.tap("save")
    handset.sees("limit-0", "$12.50")
    [limit] = newcomer.call("GET", f"/v1/cards/{card_id}")["limits"]
    assert (limit["window"], limit["amount"]) == ("day", 12_50)

    handset.tap("to-where")
    handset.type("field-merchant", "Corner")
    handset.button("^Corner Cafe").click()
    handset.tap("lock")
    handset.sees("standing", "Corner Cafe, Only at this merchant")
    assert not outside.pay(card_id, "pine-books", 1_00)["approved"]
    handset.back()
    expect(handset.button(r"Pine Street Books, \$1\.00, Declined")).to_be_attached(timeout=20_000)

    codes = newcomer.use_second_factor()
    handset.tap("reveal")
    handset.prove(newcomer, codes[0])
    # In the demo the processor keeps the numbers; one of our own vault is shown in tests of the state.
    handset.sees("number-elsewhere", "The issuing processor keeps this number")

    handset.back()
    handset.tab(2)
    unread = newcomer.call("GET", "/v1/notifications/unread-count")["unread"]
    assert unread > 0
    handset.tap("read-all")
    handset.does_not_see("read-all")
    eventually(
        "nothing unread", lambda: newcomer.call("GET", "/v1/notifications/unread-count")["unread"] < unread
    )
    handset.tab(3)
    handset.tap("to-security")
    handset.tap("end-others")
    handset.tap("confirm")
    handset.does_not_see("end-others")
    expect(handset.page.locator("[flt-semantics-identifier^='session-']")).to_have_count(1)
    assert handset.page.get_by_text("This sign-in").count() == 1


def test_documents_are_handed_over_by_file_and_by_camera(
    handset: Handset, newcomer: Holder, outside: Outside, member: Callable[[str], Holder]
) -> None:
    newcomer.call("POST", "/v1/identity-verifications")
    url = eventually("the verifier's page", lambda: newcomer.call("GET", "/v1/me/identity")["url"])
    outside.hand_in_documents(url, outcome="processing")
    ask_for_photos(member("reviewer"), newcomer.email)
    handset.open()
    handset.sign_in(newcomer)
    handset.tap("set-up")
    handset.sees("we-say", "The verifier could not read yours.")
    with handset.page.expect_file_chooser() as chooser:
        handset.tap("file")
    chooser.value.set_files({"name": "passport.png", "mimeType": "image/png", "buffer": picture()})
    handset.sees("document-passport", "Passport")
    handset.tap("photo")
    handset.page.wait_for_timeout(1_500)  # the made-up camera has no sign of its own that it is on
    handset.tap("shoot")
    handset.sees("document-selfie", "Photo of your face")
    handset.tap("submit")
    handset.sees("standing", "In review")
    kinds = {it["kind"] for it in newcomer.call("GET", "/v1/me/identity-documents")["data"]}
    assert kinds == {"passport", "selfie"}


def ask_for_photos(reviewer: Holder, email: str) -> None:
    """Have staff ask for documents while the verifier looks at its own."""
    [person] = reviewer.call("GET", f"/v1/users?text={email}")["data"]
    wanted = {"user_id": person["id"], "reason": "Their camera shakes."}
    path = f"/v1/identity-reviews/{reviewer.call('POST', '/v1/identity-reviews', wanted)['id']}"
    version = reviewer.call("POST", f"{path}/claim")["version"]
    asked = {"missing": ["passport", "selfie"], "reason": "Blurred.", "version": version}
    told = {"message": "The verifier could not read yours."}
    reviewer.call("POST", f"{path}/ask-for-more", {**asked, **told})


def picture() -> bytes:
    """Draw something like a document."""
    drawn = io.BytesIO()
    Image.effect_noise((900, 600), 60).convert("RGB").save(drawn, "PNG")
    return drawn.getvalue()
