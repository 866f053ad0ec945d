"""Push to the browser, from the switch to what the worker shows.

Chromium subscribes at Google's push service, which a test cannot reach. So the subscription is one of the
simulator's push service, to which the product sends and which decrypts; what arrived there is handed to the
worker in Chromium by its debugger. All but the way between the two is real.
"""

import json
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, Page, expect

from cardwright.demo.stack import Addresses
from web.conftest import enter
from web.holder import Holder
from web.outside import Outside

SHOWN = """async () => {
  const registration = await navigator.serviceWorker.getRegistration()
  const shown = await registration.getNotifications()
  return shown.map(({title, body}) => [title, body])
}"""


def test_a_payment_is_pushed_and_shown_by_the_worker(
    page: Page, context: BrowserContext, stack: Addresses, outside: Outside, newcomer: Holder
) -> None:
    newcomer.sign_up()
    newcomer.prove_identity()
    newcomer.add_money(80_00)
    card_id = newcomer.create_card("Everyday")
    endpoint = outside.lend_push_service(page)
    enter(context, newcomer, stack)
    page.goto("/notification-preferences")
    switch = page.get_by_role("switch", name="Push in this browser")
    with page.expect_response("**/v1/devices") as registered:
        switch.click(force=True)
    expect(switch).to_be_checked()
    device = registered.value.json()
    assert device["platform"] == "web"

    outside.pay(card_id, "corner-cafe", 12_40)
    pushed = outside.pushed(endpoint, "Corner Cafe")
    deliver(page, stack, pushed)
    page.wait_for_function(f"({SHOWN})().then((shown) => shown.length > 0)")
    assert page.evaluate(SHOWN) == [[pushed["title"], pushed["body"]]]

    with page.expect_response(f"**/v1/devices/{device['id']}") as revoked:
        switch.click(force=True)
    expect(switch).not_to_be_checked()
    assert (revoked.value.request.method, revoked.value.status) == ("DELETE", 204)


def deliver(page: Page, stack: Addresses, message: dict[str, object]) -> None:
    """Hand a message to the page's worker, as the browser's push service would."""
    cdp = page.context.new_cdp_session(page)
    workers: list[str] = []
    cdp.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda told: workers.extend(it["registrationId"] for it in told["registrations"]),
    )
    cdp.send("ServiceWorker.enable")
    while not workers:
        page.wait_for_timeout(50)
    where = urlsplit(stack.api)
    pushed = {
        "origin": f"{where.scheme}://{where.netloc}", "registrationId": workers[-1],
        "data": json.dumps(message),
    }  # fmt: skip
    cdp.send("ServiceWorker.deliverPushMessage", pushed)
