import re
from typing import Any

import httpx
import pytest
from stripe import StripeClient

from running_simulator import RunningSimulator

DAY_SECONDS = 86_400
ADDRESS = {"line1": "1 Main Street", "city": "Boston", "country": "US", "postal_code": "02110"}
PAGES = ["/", "/inbox", "/cards", "/pay", "/disputes", "/events", "/clock", "/faults"]


@pytest.fixture
def browser(simulator: RunningSimulator) -> httpx.Client:
    return httpx.Client(base_url=simulator.base_url, follow_redirects=True)


@pytest.fixture
def stripe_client(simulator: RunningSimulator) -> StripeClient:
    address = simulator.base_url
    bases = {"api": address, "connect": address, "files": address, "meter_events": address}
    return StripeClient(simulator.world.settings.stripe_secret_key, base_addresses=bases)


@pytest.fixture
def card(simulator: RunningSimulator, stripe_client: StripeClient) -> str:
    wish = {"amount": 1_000_000, "currency": "usd"}
    httpx.post(f"{simulator.base_url}/_sim/stripe/issuing_balance", json=wish).raise_for_status()
    return new_card(stripe_client, "Ada Lovelace")


def new_card(client: StripeClient, name: str, status: Any = "active") -> str:
    person = {"first_name": "Ada", "last_name": "Lovelace"}
    holder: Any = {"name": name, "type": "individual", "individual": person, "billing": {"address": ADDRESS}}
    holder_id = client.v1.issuing.cardholders.create(holder).id
    wish: Any = {"cardholder": holder_id, "currency": "usd", "type": "virtual", "status": status}
    return client.v1.issuing.cards.create(wish).id


def pay(
    browser: httpx.Client, card: str, merchant: str = "corner-cafe", amount: str = "12.50"
) -> httpx.Response:
    return browser.post("/pay", data={"card": card, "merchant": merchant, "amount": amount})


@pytest.mark.parametrize("path", PAGES)
def test_each_page_stands_even_in_an_empty_world(browser: httpx.Client, path: str) -> None:
    answer = browser.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    assert "script-src 'self'" in answer.headers["content-security-policy"]
    # Nothing is loaded from anywhere but the simulator itself.
    assert re.findall(r'(?:src|href)="(?!/|data:)[^"]*"', answer.text) == []


def test_the_stylesheet_and_the_script_are_shipped(browser: httpx.Client) -> None:
    assert "prefers-color-scheme: dark" in browser.get("/_static/simulator.css").text
    assert browser.get("/_static/inbox.js").status_code == 200


def test_a_purchase_is_approved_captured_refunded_and_its_rest_reversed(
    browser: httpx.Client, card: str, stripe_client: StripeClient
) -> None:
    outcome = pay(browser, card)
    assert "Approved" in outcome.text
    assert re.search(r"answered in \d+ ms", outcome.text)
    authorization = outcome.url.path.removeprefix("/pay/")

    browser.post(f"/pay/{authorization}/capture", data={"amount": "4.50", "currency": "usd"})
    kept = stripe_client.v1.issuing.authorizations.retrieve(authorization)
    assert [it.amount for it in kept.transactions] == [-450]
    assert (kept.status, kept.amount) == ("pending", 800)

    transaction = kept.transactions[0].id
    refund = {"transaction": transaction, "authorization": authorization, "amount": "1", "currency": "usd"}
    assert "1.00 USD" in browser.post("/pay/refund", data=refund).text
    reversed_page = browser.post(f"/pay/{authorization}/reverse", data={"amount": "", "currency": "usd"})
    kept = stripe_client.v1.issuing.authorizations.retrieve(authorization)
    assert kept.amount == 0
    assert sorted(it.amount for it in kept.transactions) == [-450, 100]
    assert "0.00 USD" in reversed_page.text


def test_a_capture_that_is_the_last_one_closes(
    browser: httpx.Client, card: str, stripe_client: StripeClient
) -> None:
    authorization = pay(browser, card).url.path.removeprefix("/pay/")
    browser.post(f"/pay/{authorization}/capture", data={"amount": "", "currency": "usd", "close": "yes"})
    kept = stripe_client.v1.issuing.authorizations.retrieve(authorization)
    assert (kept.status, kept.transactions[0].amount) == ("closed", -1250)


def test_an_expired_purchase_says_so(browser: httpx.Client, card: str) -> None:
    authorization = pay(browser, card).url.path.removeprefix("/pay/")
    assert "expired" in browser.post(f"/pay/{authorization}/expire").text


def test_a_card_that_rests_is_declined_with_the_reason(
    browser: httpx.Client, stripe_client: StripeClient
) -> None:
    outcome = pay(browser, new_card(stripe_client, "Grace Hopper", "inactive"))
    assert "Declined" in outcome.text
    assert "card inactive" in outcome.text


def test_a_foreign_merchant_is_paid_in_its_own_currency(
    browser: httpx.Client, card: str, stripe_client: StripeClient
) -> None:
    authorization = pay(browser, card, "harbor-hotel", "100").url.path.removeprefix("/pay/")
    kept = stripe_client.v1.issuing.authorizations.retrieve(authorization)
    assert kept.approved
    assert (kept.merchant_amount, kept.merchant_currency) == (10_000, "eur")


def test_a_force_post_needs_no_authorization(
    browser: httpx.Client, card: str, stripe_client: StripeClient
) -> None:
    form = {"card": card, "merchant": "north-air", "amount": "30"}
    assert "force post" in browser.post("/pay/force", data=form).text
    [booked] = stripe_client.v1.issuing.transactions.list({"card": card}).data
    assert (booked.amount, booked.authorization) == (-3000, None)
    assert booked.merchant_data.name == "NORTH AIR"


@pytest.mark.parametrize(
    "form",
    [
        {"merchant": "corner-cafe", "amount": "1"},
        {"merchant": "nowhere", "amount": "1"},
        {"merchant": "corner-cafe", "amount": "1,50"},
        {"merchant": "corner-cafe", "amount": "1.505"},
        {"merchant": "corner-cafe", "amount": "-3"},
        {"merchant": "corner-cafe"},
    ],
)
def test_a_purchase_that_makes_no_sense_says_so_and_changes_nothing(
    browser: httpx.Client, card: str, stripe_client: StripeClient, form: dict[str, str]
) -> None:
    chosen = "ic_unknown" if form == {"merchant": "corner-cafe", "amount": "1"} else card
    for path in ("/pay", "/pay/force"):
        answer = browser.post(path, data={"card": chosen} | form)
        assert 'role="alert"' in answer.text
    assert stripe_client.v1.issuing.authorizations.list().data == []
    assert stripe_client.v1.issuing.transactions.list().data == []


def test_an_act_that_is_refused_shows_why(browser: httpx.Client, card: str) -> None:
    authorization = pay(browser, card).url.path.removeprefix("/pay/")
    too_much = browser.post(f"/pay/{authorization}/reverse", data={"amount": "99", "currency": "usd"})
    assert 'role="alert"' in too_much.text
    assert 'role="alert"' in browser.post(f"/pay/{authorization}/explode").text


def test_what_is_unknown_is_a_page_with_404(browser: httpx.Client) -> None:
    for path in ("/cards/ic_unknown", "/pay/iauth_unknown", "/inbox/msg_unknown/html"):
        assert browser.get(path).status_code == 404


def test_a_fault_in_the_api_does_not_break_the_page_that_needs_it(
    simulator: RunningSimulator, browser: httpx.Client
) -> None:
    simulator.world.faults.add("api", "error", selector="GET /v1/issuing/cards", status=503)
    answer = browser.get("/cards")
    assert answer.status_code == 503
    assert "There is nothing to show" in answer.text


def test_what_people_wrote_is_text_and_never_markup(
    simulator: RunningSimulator, browser: httpx.Client, stripe_client: StripeClient
) -> None:
    evil = "<script>x</script>"
    card = new_card(stripe_client, evil)
    world = simulator.world
    world.inbox.add("sms", to=evil, sender=evil, subject=None, text=evil)
    world.inbox.add("push", to=evil, sender=evil, subject=evil, text=evil)
    world.inbox.add("email", to=evil, sender=evil, subject=f'"{evil}', text=evil, html=f"<p>{evil}</p>")
    world.faults.add("webhook", "drop", selector=evil)
    paths = [*PAGES, "/inbox/fragment", f"/cards/{card}", f"/inbox?to={evil}", f"/clock?problem={evil}"]
    for path in paths:
        answer = browser.get(path)
        assert answer.status_code == 200
        assert evil not in answer.text, path
    assert "&lt;script&gt;" in browser.get("/inbox").text


def test_a_designed_mail_is_shown_locked_in(simulator: RunningSimulator, browser: httpx.Client) -> None:
    html = "<h1>Hi</h1><script>alert(1)</script>"
    message = simulator.world.inbox.add("email", to="a", sender="b", subject="s", text="t", html=html)
    answer = browser.get(f"/inbox/{message['id']}/html")
    assert answer.text == html
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("sandbox")
    assert "allow-scripts" not in policy
    assert "default-src 'none'" in policy


def test_the_inbox_shows_one_channel_and_recipient(
    simulator: RunningSimulator, browser: httpx.Client
) -> None:
    for to in ("+491700000001", "+491700000002"):
        simulator.world.inbox.add("sms", to=to, sender="s", subject=None, text=f"text for {to}")
    shown = browser.get("/inbox/fragment", params={"channel": "sms", "to": "+491700000001"}).text
    assert "text for +491700000001" in shown
    assert "text for +491700000002" not in shown


def test_somebody_writes_back_from_the_inbox(simulator: RunningSimulator, browser: httpx.Client) -> None:
    form = {"to": "+491700000001", "body": "NO 4821"}
    refused = browser.post("/inbox/reply", data=form, follow_redirects=True)
    assert "nobody has set where messages" in refused.text
    browser.post("/_sim/twilio/endpoint", json={"url": "http://127.0.0.1:9/replies"})
    shown = browser.post("/inbox/reply", data=form, follow_redirects=True)
    assert "nobody has set" not in shown.text
    assert 'value="+491700000001"' in shown.text
    [kept] = simulator.world.objects.list("twilio_message")
    assert (kept["from"], kept["body"], kept["direction"]) == ("+491700000001", "NO 4821", "inbound")


def test_the_clock_page_moves_the_clock(simulator: RunningSimulator, browser: httpx.Client) -> None:
    assert browser.post("/clock", data={"amount": "8", "unit": "days"}).status_code == 200
    assert simulator.world.clock.offset_seconds == 8 * DAY_SECONDS
    for amount in ("-1", "soon", "", "9" * 30):
        assert 'role="alert"' in browser.post("/clock", data={"amount": amount, "unit": "days"}).text
    assert simulator.world.clock.offset_seconds == 8 * DAY_SECONDS


def test_the_faults_page_sets_and_lifts_faults(simulator: RunningSimulator, browser: httpx.Client) -> None:
    form = {"trouble": "webhook delay", "selector": "issuing_*", "count": "", "delay_milliseconds": "250"}
    assert "issuing_*" in browser.post("/faults", data=form).text
    [fault] = simulator.world.faults.list()
    assert (fault.kind, fault.delay_milliseconds, fault.remaining) == ("delay", 250, None)
    browser.post("/faults/lift", data={"fault": fault.id})
    assert simulator.world.faults.list() == []
    for wrong in ({"trouble": "webhook explode"}, {"trouble": "api error", "status": "abc"}, {}):
        assert 'role="alert"' in browser.post("/faults", data=wrong).text
    for _ in range(2):
        browser.post("/faults", data={"trouble": "webhook drop", "count": "3"})
    assert len(simulator.world.faults.list()) == 2
    browser.post("/faults/lift")
    assert simulator.world.faults.list() == []


def test_events_show_where_webhooks_went_and_how_it_ended(
    browser: httpx.Client, card: str, stripe_client: StripeClient
) -> None:
    hook: Any = {"url": "http://127.0.0.1:9/hooks", "enabled_events": ["issuing_authorization.created"]}
    stripe_client.v1.webhook_endpoints.create(hook)
    pay(browser, card)
    shown = browser.get("/events").text
    assert "issuing_authorization.created" in shown
    assert "http://127.0.0.1:9/hooks" in shown


def confirm(browser: httpx.Client, simulator: RunningSimulator, card: str, approved: bool | None) -> str:
    """Begin a purchase with 3-D Secure and let the issuer answer, or nobody; return its page's address."""
    wish = {"card": card, "merchant": "corner-cafe", "amount": "12.50"}
    waiting = browser.post("/pay/confirm", data=wish)
    assert (waiting.status_code, waiting.headers["refresh"]) == (200, "2")
    assert "12.50 USD" in waiting.text
    if approved is not None:
        simulator.world.acs.answer(waiting.url.path.rpartition("/")[2], approved=approved, key="ans_1")
    return str(waiting.url.path)


def test_with_3d_secure_the_merchant_is_paid_once_the_cardholder_approved_and_once_only(
    browser: httpx.Client, simulator: RunningSimulator, stripe_client: StripeClient, card: str
) -> None:
    here = confirm(browser, simulator, card, approved=True)
    shown = browser.get(here)
    assert "Complete the payment" in shown.text
    assert "refresh" not in shown.headers
    paid = browser.post(here)
    assert paid.url.path.startswith("/pay/iauth_")
    assert "3-D Secure" in paid.text
    [authorization] = stripe_client.v1.issuing.authorizations.list().data
    assert authorization.verification_data.three_d_secure is not None
    assert authorization.verification_data.three_d_secure.result == "authenticated"
    again = browser.post(here)
    assert "used before" in again.text
    assert "Complete the payment" not in again.text
    assert len(stripe_client.v1.issuing.authorizations.list().data) == 1


@pytest.mark.parametrize("approved", [False, None])
def test_without_an_approval_the_merchant_is_not_paid(
    browser: httpx.Client,
    simulator: RunningSimulator,
    stripe_client: StripeClient,
    card: str,
    approved: bool | None,
) -> None:
    here = confirm(browser, simulator, card, approved)
    assert "Complete the payment" not in browser.get(here).text
    assert "This challenge is" in browser.post(here).text
    left = browser.post(f"{here}/leave").text
    assert ("canceled" in left) is (approved is None)
    assert stripe_client.v1.issuing.authorizations.list().data == []


def test_a_purchase_with_3d_secure_that_makes_no_sense_says_why(browser: httpx.Client, card: str) -> None:
    for wish in (
        {"card": card, "merchant": "nowhere", "amount": "1"},
        {"card": card, "merchant": "corner-cafe"},
    ):
        assert browser.post("/pay/confirm", data=wish).url.path == "/pay"
    assert browser.get("/pay/confirm/acsch_nobodys").status_code == 404


def test_the_networks_answer_to_a_dispute_is_given_on_a_page(
    browser: httpx.Client, stripe_client: StripeClient, card: str
) -> None:
    taken = stripe_client.v1.test_helpers.issuing.transactions.create_force_capture(
        {"card": card, "amount": 900}
    )
    told: Any = {"reason": "fraudulent", "fraudulent": {"explanation": "It was <not> me."}}
    disputes = stripe_client.v1.issuing.disputes
    made = disputes.create({"transaction": taken.id, "evidence": told})
    assert "Cardholder wins" not in browser.get("/disputes").text
    disputes.submit(made.id)
    shown = browser.get("/disputes").text
    assert "It was &lt;not&gt; me." in shown
    assert "9.00 USD" in shown
    assert "Cardholder wins" in shown
    assert browser.post(f"/disputes/{made.id}", data={"answer": "won"}).status_code == 200
    assert disputes.retrieve(made.id).status == "won"
    assert "not submitted" in browser.post(f"/disputes/{made.id}", data={"answer": "lost"}).text
