import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import httpx
import pytest
from jsonschema import Draft4Validator
from twilio.base.exceptions import TwilioRestException
from twilio.http.async_http_client import AsyncTwilioHttpClient
from twilio.http.http_client import TwilioHttpClient
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from running_simulator import Eventually, RunningSimulator, running_simulator
from simulator.settings import SimulatorSettings

ACCOUNT = "AC00000000000000000000000000000001"
TOKEN = "simulator-twilio-token"
SENDER = "+15005550006"
RECIPIENT = "+491701234567"
MESSAGES = f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"


@pytest.fixture
def client(simulator: RunningSimulator) -> Client:
    client = Client(ACCOUNT, TOKEN, http_client=TwilioHttpClient(timeout=5, max_retries=0))
    client.api.base_url = simulator.base_url
    return client


class CallbackServer(ThreadingHTTPServer):
    """Receives status callbacks and keeps (signature, form) of each."""

    def __init__(self) -> None:
        self.received: list[tuple[str, dict[str, str]]] = []
        super().__init__(("127.0.0.1", 0), _CallbackHandler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/twilio?for=ada"


class _CallbackHandler(BaseHTTPRequestHandler):
    server: CallbackServer

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        form = dict(parse_qsl(body, keep_blank_values=True))
        self.server.received.append((self.headers["X-Twilio-Signature"], form))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_args: object) -> None:
        """Stay quiet."""


@pytest.fixture
def callbacks() -> Iterator[CallbackServer]:
    with CallbackServer() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def post(
    simulator: RunningSimulator, auth: tuple[str, str] | None = (ACCOUNT, TOKEN), **form: str
) -> httpx.Response:
    return httpx.post(simulator.base_url + MESSAGES, data=form, auth=auth)


def test_a_message_is_queued_then_sent_then_delivered_to_the_inbox(
    simulator: RunningSimulator, client: Client, eventually: Eventually
) -> None:
    created = client.messages.create(to=RECIPIENT, from_=SENDER, body="Paid 12.50 EUR")
    assert created.sid.startswith("SM")
    assert created.status == "queued"
    assert created.num_segments == "1"
    assert created.price is None
    assert created.date_sent is None

    eventually(lambda: client.messages(created.sid).fetch().status == "delivered")
    fetched = client.messages(created.sid).fetch()
    assert abs(fetched.date_sent - datetime.now(UTC)) < timedelta(seconds=30)
    [received] = httpx.get(f"{simulator.base_url}/_sim/inbox?channel=sms&to=%2B491701234567").json()["data"]
    assert received["text"] == "Paid 12.50 EUR"
    assert received["from"] == SENDER
    assert received["extra"] == {"sid": created.sid}


async def test_the_asynchronous_client_sends_too(simulator: RunningSimulator) -> None:
    async with AsyncTwilioHttpClient(timeout=5) as http_client:
        client = Client(ACCOUNT, TOKEN, http_client=http_client)
        client.api.base_url = simulator.base_url
        created = await client.messages.create_async(to=RECIPIENT, from_=SENDER, body="hi")
        assert (await client.messages(created.sid).fetch_async()).sid == created.sid


@pytest.mark.parametrize(
    ("to", "sender", "code"),
    [
        ("+15005550001", SENDER, 21211),
        ("+15005550002", SENDER, 21612),
        ("+15005550003", SENDER, 21408),
        ("+15005550004", SENDER, 21610),
        ("+15005550009", SENDER, 21614),
        ("0170 1234567", SENDER, 21211),
        (RECIPIENT, "+15005550001", 21212),
        (RECIPIENT, "+15005550007", 21606),
        (RECIPIENT, "+15005550008", 21611),
        (RECIPIENT, "Cardwright", 21212),
        (RECIPIENT, "+14155550100", 21606),
        (RECIPIENT, RECIPIENT, 21266),
    ],
)
def test_numbers_that_misbehave_are_refused_with_their_code(
    simulator: RunningSimulator, client: Client, to: str, sender: str, code: int
) -> None:
    with pytest.raises(TwilioRestException) as refused:
        client.messages.create(to=to, from_=sender, body="hi")
    assert refused.value.code == code
    assert refused.value.status == 400
    assert simulator.world.objects.list("twilio_message") == []


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({"From": SENDER, "Body": "hi"}, 21604),
        ({"To": RECIPIENT, "Body": "hi"}, 21603),
        ({"To": RECIPIENT, "From": SENDER}, 21602),
        ({"To": RECIPIENT, "From": SENDER, "Body": ""}, 21602),
        ({"To": RECIPIENT, "From": SENDER, "Body": "x" * 1601}, 21617),
        ({"To": RECIPIENT, "From": SENDER, "Body": "hi", "StatusCallback": "ftp://x/y"}, 21609),
        ({"To": RECIPIENT, "From": SENDER, "Body": "hi", "StatusCallback": "http://[bad/"}, 21609),
        ({"To": RECIPIENT, "From": SENDER, "Body": "hi", "ContentRetention": "sometimes"}, 20001),
        ({"To": RECIPIENT, "From": SENDER, "MediaUrl": "https://x.example/a.png"}, 20001),
        ({"To": RECIPIENT, "MessagingServiceSid": "MG" + "9" * 32, "Body": "hi"}, 21701),
    ],
)
def test_a_form_with_a_wrong_value_gets_twilios_error_document(
    simulator: RunningSimulator, form: dict[str, str], code: int
) -> None:
    answer = post(simulator, **form)
    document = answer.json()
    assert answer.status_code == document["status"] == 400
    assert document["code"] == code
    assert document["more_info"] == f"https://www.twilio.com/docs/errors/{code}"
    assert document["message"]


def test_an_unknown_parameter_is_passed_over(simulator: RunningSimulator) -> None:
    assert post(simulator, To=RECIPIENT, From=SENDER, Body="hi", Colour="red").status_code == 201


@pytest.mark.parametrize("auth", [None, (ACCOUNT, "wrong"), ("AC" + "2" * 32, TOKEN)])
def test_without_the_accounts_token_the_answer_is_401(
    simulator: RunningSimulator, auth: tuple[str, str] | None
) -> None:
    answer = post(simulator, auth=auth, To=RECIPIENT, From=SENDER, Body="hi")
    assert answer.status_code == 401
    assert answer.json()["code"] == 20003


def test_what_is_not_there_is_404_in_twilios_form(client: Client, simulator: RunningSimulator) -> None:
    with pytest.raises(TwilioRestException) as refused:
        client.messages("SM" + "0" * 32).fetch()
    assert (refused.value.status, refused.value.code) == (404, 20404)
    assert httpx.get(f"{simulator.base_url}/2010-04-01/Nowhere.json").json()["code"] == 20404


def test_each_status_is_called_back_and_signed(
    client: Client, callbacks: CallbackServer, eventually: Eventually
) -> None:
    created = client.messages.create(to=RECIPIENT, from_=SENDER, body="hi", status_callback=callbacks.url)
    eventually(lambda: len(callbacks.received) == 3)
    statuses = [form["MessageStatus"] for _, form in callbacks.received]
    assert statuses == ["queued", "sent", "delivered"]
    for signature, form in callbacks.received:
        assert RequestValidator(TOKEN).validate(callbacks.url, form, signature)
        assert not RequestValidator("other-token").validate(callbacks.url, form, signature)
        assert form["MessageSid"] == form["SmsSid"] == created.sid
        assert form["To"] == RECIPIENT
        assert "ErrorCode" not in form


@pytest.mark.parametrize(
    ("to", "statuses", "code"),
    [
        ("+150055530003", ["queued", "sent", "undelivered"], 30003),
        ("+150055530007", ["queued", "sent", "undelivered"], 30007),
        ("+150055530001", ["queued", "failed"], 30001),
    ],
)
def test_a_scripted_number_ends_badly_with_its_error_code(
    simulator: RunningSimulator,
    client: Client,
    callbacks: CallbackServer,
    eventually: Eventually,
    to: str,
    statuses: list[str],
    code: int,
) -> None:
    created = client.messages.create(to=to, from_=SENDER, body="hi", status_callback=callbacks.url)
    eventually(lambda: len(callbacks.received) == len(statuses))
    assert [form["MessageStatus"] for _, form in callbacks.received] == statuses
    assert callbacks.received[-1][1]["ErrorCode"] == str(code)
    ended = client.messages(created.sid).fetch()
    assert (ended.status, ended.error_code) == (statuses[-1], code)
    assert simulator.world.inbox.list("sms") == []


def test_a_messaging_service_picks_the_number_while_sending(client: Client, eventually: Eventually) -> None:
    created = client.messages.create(to=RECIPIENT, messaging_service_sid="MG" + "0" * 31 + "1", body="hi")
    assert created.from_ is None
    assert created.num_segments == "0"
    eventually(lambda: client.messages(created.sid).fetch().status == "delivered")
    assert client.messages(created.sid).fetch().from_ == SENDER


@pytest.mark.parametrize(
    ("body", "segments"),
    [("a" * 160, "1"), ("a" * 161, "2"), ("€" * 80, "1"), ("€" * 81, "2"), ("ж" * 70, "1"), ("ж" * 71, "2")],
)
def test_segments_follow_the_alphabet(client: Client, body: str, segments: str) -> None:
    assert client.messages.create(to=RECIPIENT, from_=SENDER, body=body).num_segments == segments


def test_the_list_pages_newest_first_and_filters(client: Client) -> None:
    sids = [client.messages.create(to=f"+4917000000{n:02}", from_=SENDER, body="hi").sid for n in range(5)]
    assert [message.sid for message in client.messages.list(page_size=2)] == sids[::-1]
    assert [message.sid for message in client.messages.list(to="+491700000003")] == [sids[3]]
    assert client.messages.list(date_sent_before=datetime(2020, 1, 1, tzinfo=UTC)) == []


def test_what_was_not_sent_yet_is_listed_by_its_number_but_under_no_date(
    simulator: RunningSimulator, eventually: Eventually
) -> None:
    told = post(simulator, To=RECIPIENT, From=SENDER, Body="on its way").json()
    objects = simulator.world.objects
    # Carried to its end first, so that nothing moves on while it is made one that waits.
    eventually(lambda: objects.get("twilio_message", told["sid"])["status"] == "delivered")
    objects.put(
        "twilio_message",
        objects.get("twilio_message", told["sid"]) | {"status": "queued", "date_sent": None},
    )
    today = datetime.now(UTC).date().isoformat()
    for query, expected in (({}, 1), ({"DateSent": today}, 0), ({"DateSent>": today}, 0)):
        asked = {"To": RECIPIENT, **query}
        answer = httpx.get(simulator.base_url + MESSAGES, params=asked, auth=(ACCOUNT, TOKEN))
        assert len(answer.json()["messages"]) == expected, query


def test_a_list_with_a_senseless_page_size_is_refused(simulator: RunningSimulator) -> None:
    answer = httpx.get(f"{simulator.base_url}{MESSAGES}?PageSize=0", auth=(ACCOUNT, TOKEN))
    assert (answer.status_code, answer.json()["code"]) == (400, 20001)


def test_an_outage_strikes_as_often_as_ordered(simulator: RunningSimulator, client: Client) -> None:
    simulator.world.faults.add("api", "error", selector="POST /2010-04-01/*", count=1, status=503)
    with pytest.raises(TwilioRestException) as refused:
        client.messages.create(to=RECIPIENT, from_=SENDER, body="hi")
    assert refused.value.status == 503
    assert client.messages.create(to=RECIPIENT, from_=SENDER, body="hi").status == "queued"


def test_a_lost_answer_leaves_the_message_sent(simulator: RunningSimulator, client: Client) -> None:
    simulator.world.faults.add("api", "drop_response", selector="POST /2010-04-01/*")
    with pytest.raises(httpx.TransportError):
        post(simulator, To=RECIPIENT, From=SENDER, Body="hi")
    assert len(client.messages.list()) == 1


def test_a_message_under_way_goes_on_after_a_restart(eventually: Eventually, tmp_path: Path) -> None:
    slow = SimulatorSettings(smtp_port=0, sms_step_milliseconds=60_000)
    with running_simulator(slow, tmp_path) as first:
        assert post(first, To=RECIPIENT, From=SENDER, Body="hi").status_code == 201
    with running_simulator(SimulatorSettings(smtp_port=0, sms_step_milliseconds=10), tmp_path) as second:
        eventually(lambda: [it["text"] for it in second.world.inbox.list("sms")] == ["hi"])


@pytest.mark.parametrize("to", [RECIPIENT, "+150055530003"])
def test_a_message_follows_twilios_own_description(
    simulator: RunningSimulator, eventually: Eventually, specs: Path, to: str
) -> None:
    schema = described_schemas(specs)["api.v2010.account.message"]
    created = post(simulator, To=to, From=SENDER, Body="hi").json()
    ensure_described(created, schema, specs)

    def document() -> dict[str, Any]:
        answer = httpx.get(simulator.base_url + created["uri"], auth=(ACCOUNT, TOKEN))
        return dict(answer.json())

    eventually(lambda: document()["status"] in {"delivered", "undelivered"})
    ensure_described(document(), schema, specs)


def test_the_list_follows_twilios_own_description(simulator: RunningSimulator, specs: Path) -> None:
    for _ in range(2):
        post(simulator, To=RECIPIENT, From=SENDER, Body="hi")
    description = json.loads((specs / "twilio-messages-subset.json").read_text())
    operation = description["paths"]["/2010-04-01/Accounts/{AccountSid}/Messages.json"]["get"]
    schema = without_nullable(operation["responses"]["200"]["content"]["application/json"]["schema"])
    page = httpx.get(f"{simulator.base_url}{MESSAGES}?PageSize=1", auth=(ACCOUNT, TOKEN)).json()
    ensure_described(page, schema, specs)


def ensure_described(document: dict[str, Any], schema: dict[str, Any], specs: Path) -> None:
    whole = schema | {"components": {"schemas": described_schemas(specs)}}
    assert list(Draft4Validator(whole).iter_errors(document)) == []
    assert set(document) == set(schema["properties"])


def described_schemas(specs: Path) -> dict[str, Any]:
    description = json.loads((specs / "twilio-messages-subset.json").read_text())
    schemas: dict[str, Any] = without_nullable(description["components"]["schemas"])
    return schemas


def without_nullable(schema: Any) -> Any:
    """Turn OpenAPI 3.0's `nullable` into JSON Schema's null type."""
    if isinstance(schema, list):
        return [without_nullable(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    plain = {name: without_nullable(part) for name, part in schema.items()}
    if plain.pop("nullable", False) is True and isinstance(plain.get("type"), str):
        plain["type"] = [plain["type"], "null"]
    return plain


def test_what_somebody_writes_is_posted_on_signed_and_kept(
    simulator: RunningSimulator, client: Client, callbacks: CallbackServer, eventually: Eventually
) -> None:
    control = f"{simulator.base_url}/_sim/twilio"
    written = {"from": RECIPIENT, "body": "NO 4821"}
    assert httpx.post(f"{control}/messages", json=written).status_code == 400
    assert httpx.post(f"{control}/endpoint", json={"url": callbacks.url}).json() == {"url": callbacks.url}
    sid = httpx.post(f"{control}/messages", json=written).json()["sid"]
    eventually(lambda: callbacks.received)
    [(signature, form)] = callbacks.received
    assert RequestValidator(TOKEN).validate(callbacks.url, form, signature)
    assert (form["MessageSid"], form["From"], form["To"]) == (sid, RECIPIENT, SENDER)
    assert (form["Body"], form["SmsStatus"]) == ("NO 4821", "received")
    found = client.messages(sid).fetch()
    assert (found.direction, found.status, found.body) == ("inbound", "received", "NO 4821")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("endpoint", {"url": "ftp://elsewhere"}), ("messages", {"from": "me", "body": "x"}),
        ("messages", {"from": RECIPIENT, "to": "+15005550099", "body": "x"}), ("messages", {"body": "x"}),
    ],
)  # fmt: skip
def test_what_nobody_can_write_is_refused_with_a_reason(
    simulator: RunningSimulator, path: str, body: dict[str, str]
) -> None:
    httpx.post(f"{simulator.base_url}/_sim/twilio/endpoint", json={"url": "http://127.0.0.1:9/x"})
    answer = httpx.post(f"{simulator.base_url}/_sim/twilio/{path}", json=body)
    assert answer.status_code == 400
    assert answer.json()["error"]["message"]
