"""The sender of text messages against a Twilio of flesh and wire: the simulator, over real sockets."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl

import pytest

from cardwright.adapters import twilio
from cardwright.adapters.twilio import TwilioSmsSender, read_callback, verify_callback
from cardwright.core.errors import Unavailable
from cardwright.core.sensitive import Sensitive
from cardwright.notifications import AddressRefused, OutcomeUnknown, SmsMessage
from running_simulator import RunningSimulator, running_simulator

ACCOUNT = "AC00000000000000000000000000000001"
TOKEN = Sensitive("simulator-twilio-token")
SENDER = "+15005550006"
PHONE = "+491701234567"
MESSAGES = "*/Messages.json"


def text_to(phone: str = PHONE) -> SmsMessage:
    return SmsMessage("ntf_1", phone, "12.50 USD at Blue Bottle approved")


@pytest.fixture
def simulator() -> Iterator[RunningSimulator]:
    with running_simulator() as simulator:
        yield simulator


@pytest.fixture
async def sender(simulator: RunningSimulator) -> AsyncIterator[TwilioSmsSender]:
    made = TwilioSmsSender(ACCOUNT, TOKEN, SENDER, base_url=simulator.base_url)
    yield made
    await made.aclose()


async def eventually(is_so: Callable[[], object]) -> None:
    async with asyncio.timeout(60):
        while not is_so():  # noqa: ASYNC110 - the simulator runs on another loop
            await asyncio.sleep(0.02)


def messages_of(simulator: RunningSimulator) -> list[dict[str, Any]]:
    kept: list[dict[str, Any]] = simulator.world.objects.list("twilio_message")
    return kept


async def test_a_text_message_arrives_and_its_sid_is_the_reference(
    simulator: RunningSimulator, sender: TwilioSmsSender
) -> None:
    reference = await sender.send(text_to())
    await eventually(lambda: simulator.world.inbox.list("sms", PHONE))
    [received] = simulator.world.inbox.list("sms", PHONE)
    assert received["text"] == "12.50 USD at Blue Bottle approved"
    assert received["from"] == SENDER
    assert received["extra"]["sid"] == reference


async def test_a_messaging_service_can_be_the_sender(simulator: RunningSimulator) -> None:
    service = "MG00000000000000000000000000000001"
    sender = TwilioSmsSender(ACCOUNT, TOKEN, service, base_url=simulator.base_url)
    reference = await sender.send(text_to())
    await sender.aclose()
    [kept] = messages_of(simulator)
    assert (kept["sid"], kept["messaging_service_sid"]) == (reference, service)


@pytest.mark.parametrize(
    ("phone", "code"),
    [
        ("+15005550001", "21211"),
        ("+15005550002", "21612"),
        ("+15005550003", "21408"),
        ("+15005550004", "21610"),
        ("+15005550009", "21614"),
    ],
)
async def test_a_number_that_takes_no_messages_is_refused_for_good(
    sender: TwilioSmsSender, phone: str, code: str
) -> None:
    with pytest.raises(AddressRefused) as refused:
        await sender.send(text_to(phone))
    assert refused.value.code == code


async def test_no_phone_number_travels_with_a_refusal(sender: TwilioSmsSender) -> None:
    with pytest.raises(AddressRefused) as refused:
        await sender.send(text_to("+15005550001"))
    assert "5005550001" not in str(refused.value)
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__


@pytest.mark.parametrize("number", ["+15005550001", "+15005550007", "+15005550008"])
async def test_a_mistake_about_our_own_number_is_no_fault_of_the_recipient(
    simulator: RunningSimulator, number: str
) -> None:
    sender = TwilioSmsSender(ACCOUNT, TOKEN, number, base_url=simulator.base_url)
    with pytest.raises(Unavailable):
        await sender.send(text_to())
    await sender.aclose()


async def test_a_wrong_token_is_an_outage_and_not_a_refusal(simulator: RunningSimulator) -> None:
    sender = TwilioSmsSender(ACCOUNT, Sensitive("wrong"), SENDER, base_url=simulator.base_url)
    with pytest.raises(Unavailable):
        await sender.send(text_to())
    await sender.aclose()


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_an_outage_is_worth_another_try_and_nothing_was_sent(
    simulator: RunningSimulator, sender: TwilioSmsSender, status: int
) -> None:
    simulator.world.faults.add("api", "error", selector=MESSAGES, status=status)
    with pytest.raises(Unavailable):
        await sender.send(text_to())
    assert messages_of(simulator) == []


async def test_nobody_listening_is_worth_another_try() -> None:
    sender = TwilioSmsSender(ACCOUNT, TOKEN, SENDER, base_url="http://127.0.0.1:9")
    with pytest.raises(Unavailable):
        await sender.send(text_to())
    await sender.aclose()


async def test_a_lost_answer_leaves_the_outcome_unknown_after_one_single_request(
    simulator: RunningSimulator, sender: TwilioSmsSender
) -> None:
    simulator.world.faults.add("api", "drop_response", selector=MESSAGES)
    with pytest.raises(OutcomeUnknown):
        await sender.send(text_to())
    assert len(messages_of(simulator)) == 1


async def test_what_twilio_took_is_listed_by_number_with_what_became_of_it(
    simulator: RunningSimulator, sender: TwilioSmsSender
) -> None:
    references = [await sender.send(text_to()), await sender.send(text_to())]
    elsewhere = await sender.send(text_to("+150055530003"))
    await eventually(lambda: all(it["date_sent"] for it in messages_of(simulator)))
    listed = await sender.list_taken(PHONE)
    assert [it.reference for it in listed] == references[::-1]
    assert {it.text for it in listed} == {"12.50 USD at Blue Bottle approved"}
    assert all(abs((datetime.now(UTC) - it.created_at).total_seconds()) < 60 for it in listed)
    await eventually(lambda: messages_of(simulator)[0]["status"] == "undelivered")
    [failed] = await sender.list_taken("+150055530003")
    assert (failed.reference, failed.state, failed.error_code) == (elsewhere, "undeliverable", "30003")
    assert await sender.list_taken("+491701234568") == []


@pytest.mark.parametrize("fault", ["error", "drop", "drop_response", "garbage"])
async def test_a_list_that_cannot_be_read_tells_nothing(
    simulator: RunningSimulator, sender: TwilioSmsSender, fault: Any
) -> None:
    await sender.send(text_to())
    simulator.world.faults.add("api", fault, selector=MESSAGES)
    with pytest.raises(Unavailable):
        await sender.list_taken(PHONE)


@pytest.mark.parametrize("status", [502, 504])
async def test_a_gateway_that_answers_instead_leaves_the_outcome_unknown(
    simulator: RunningSimulator, sender: TwilioSmsSender, status: int
) -> None:
    simulator.world.faults.add("api", "error", selector=MESSAGES, status=status)
    with pytest.raises(OutcomeUnknown):
        await sender.send(text_to())


async def test_a_late_answer_is_not_waited_for_and_leaves_the_outcome_unknown(
    simulator: RunningSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(twilio, "_TIMEOUT_SECONDS", 0.2)
    sender = TwilioSmsSender(ACCOUNT, TOKEN, SENDER, base_url=simulator.base_url)
    simulator.world.faults.add("api", "delay", selector=MESSAGES, delay_milliseconds=1500)
    with pytest.raises(OutcomeUnknown):
        await asyncio.wait_for(sender.send(text_to()), timeout=1.2)
    await sender.aclose()


Call = tuple[str, dict[str, str], dict[str, str]]


@pytest.fixture
def callbacks() -> Iterator[tuple[str, list[Call]]]:
    """A listener for status callbacks: its address, and the calls with their headers and forms."""
    calls: list[Call] = []

    class Listener(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            calls.append((self.path, dict(self.headers), dict(parse_qsl(body))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Listener)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", calls
    server.shutdown()
    server.server_close()


async def _reports(simulator: RunningSimulator, callbacks: tuple[str, list[Call]], phone: str) -> list[Call]:
    address, calls = callbacks
    sender = TwilioSmsSender(
        ACCOUNT, TOKEN, SENDER, simulator.base_url, status_callback_url=f"{address}/hooks/sms"
    )
    await sender.send(text_to(phone))
    await sender.aclose()
    final = {"delivered", "undelivered", "failed"}
    await eventually(lambda: any(form["MessageStatus"] in final for _, _, form in list(calls)))
    return calls


async def test_reports_are_signed_carry_our_id_back_and_end_delivered(
    simulator: RunningSimulator, callbacks: tuple[str, list[Call]]
) -> None:
    calls = await _reports(simulator, callbacks, PHONE)
    for path, headers, form in calls:
        assert verify_callback(TOKEN, headers, callbacks[0] + path, form)
    reports = [read_callback(path, form) for path, _, form in calls]
    assert {report.notification_id for report in reports if report} == {"ntf_1"}
    assert {report.status for report in reports if report} == {"sent", "delivered"}
    assert {report.provider_reference for report in reports if report} == {messages_of(simulator)[0]["sid"]}


async def test_a_phone_that_is_off_is_reported_with_the_carriers_code(
    simulator: RunningSimulator, callbacks: tuple[str, list[Call]]
) -> None:
    calls = await _reports(simulator, callbacks, "+150055530003")
    reports = [read_callback(path, form) for path, _, form in calls]
    assert ("undeliverable", "30003") in {(report.status, report.error_code) for report in reports if report}


async def test_a_report_that_was_tampered_with_is_not_believed(
    simulator: RunningSimulator, callbacks: tuple[str, list[Call]]
) -> None:
    path, headers, form = (await _reports(simulator, callbacks, PHONE))[0]
    url = callbacks[0] + path
    assert verify_callback(TOKEN, headers, url, form)
    assert not verify_callback(TOKEN, headers, url, {**form, "MessageStatus": "failed"})
    assert not verify_callback(TOKEN, headers, url.replace("ntf_1", "ntf_2"), form)
    assert not verify_callback(Sensitive("other"), headers, url, form)
    assert not verify_callback(TOKEN, {}, url, form)


def test_a_signature_of_twilios_published_kind_is_believed_whatever_algorithm_a_header_names() -> None:
    url = "https://mycompany.com/myapp.php?foo=1&bar=2"
    form = {
        "CallSid": "CA1234567890ABCDE",
        "Digits": "1234",
        "To": "+18005551212",
        "Caller": "+14158675309",
        "From": "+14158675309",
    }
    headers = {"x-twilio-signature": "RSOYDt4T1cUTdK1PDd93/VVr8B8="}
    settings = {"X-Twilio-Webhooks-Signature-Settings": "key=k,algorithm=HMAC_SHA256"}
    assert verify_callback(Sensitive("12345"), headers, url, form)
    assert verify_callback(Sensitive("12345"), {**headers, **settings}, url, form)


def test_a_status_we_do_not_know_proves_at_least_that_the_message_was_taken() -> None:
    report = read_callback("/hooks/sms", {"MessageSid": "SM1", "MessageStatus": "teleported"})
    assert report is not None
    assert (report.status, report.notification_id) == ("sent", None)
    assert read_callback("/hooks/sms", {"MessageStatus": "sent"}) is None
