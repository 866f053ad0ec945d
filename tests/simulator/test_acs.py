"""The simulated access control server, as its clients meet it."""

import base64
import hashlib
import hmac
import json
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from running_simulator import QUICK, Eventually, RunningSimulator
from running_stripe import served

PURCHASE = {
    "card": "ic_1",
    "merchant": {"id": "m_1", "name": "Corner Bakery", "category_code": "5462", "country": "US"},
    "amount": 4_900,
    "currency": "USD",
}


@dataclass
class Receiver:
    """The issuer's end: takes everything."""

    arrivals: list[tuple[bytes, dict[str, str]]] = field(default_factory=list)

    @property
    def app(self) -> Starlette:
        return Starlette(routes=[Route("/", self.take, methods=["POST"])])

    async def take(self, request: Request) -> Response:
        self.arrivals.append((await request.body(), dict(request.headers)))
        return Response(status_code=202)

    @property
    def types(self) -> list[str]:
        return [json.loads(body)["type"] for body, _ in self.arrivals]


class Client:
    """Speaks for the merchant's side and for the issuer."""

    def __init__(self, base_url: str) -> None:
        self.http = httpx.Client(
            base_url=base_url, headers={"Authorization": f"Bearer {QUICK.acs_api_key}"}, trust_env=False
        )

    def ask(self, **changes: Any) -> Any:
        answer = self.http.post("/acs/v1/challenges", json={**PURCHASE, **changes})
        assert answer.status_code == 201, answer.text
        return answer.json()

    def show(self, challenge_id: str) -> str:
        return str(self.http.get(f"/acs/v1/challenges/{challenge_id}").json()["status"])

    def answer(self, challenge_id: str, approved: Any, key: str | None = "k") -> httpx.Response:
        headers = {} if key is None else {"Idempotency-Key": key}
        path = f"/acs/v1/challenges/{challenge_id}/answer"
        return self.http.post(path, json={"approved": approved}, headers=headers)

    def advance(self, seconds: int) -> None:
        self.http.post("/_sim/clock/advance", json={"seconds": seconds}).raise_for_status()


@pytest.fixture
def acs(simulator: RunningSimulator) -> Iterator[Client]:
    client = Client(simulator.base_url)
    with client.http:
        yield client


@pytest.fixture
def receiver(acs: Client) -> Iterator[tuple[Receiver, str]]:
    """Return whoever hears the webhooks, and the secret they are signed with."""
    receiver = Receiver()
    with socket.create_server(("127.0.0.1", 0)) as listener, served(receiver.app, listener):
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        made = acs.http.post("/_sim/acs/endpoint", json={"url": url})
        yield receiver, made.json()["secret"]


@pytest.mark.parametrize(("approved", "status"), [(True, "approved"), (False, "refused")])
def test_an_answer_is_taken_once_per_key(acs: Client, approved: bool, status: str) -> None:
    challenge_id = acs.ask()["id"]
    for _ in range(2):
        answered = acs.answer(challenge_id, approved)
        assert (answered.status_code, answered.json()["status"]) == (200, status)
    assert acs.answer(challenge_id, not approved).status_code == 422
    other = acs.answer(challenge_id, not approved, key="other")
    assert (other.status_code, other.json()["error"]["code"]) == (409, "challenge_answered")
    assert acs.show(challenge_id) == status


def test_a_challenge_times_out_when_the_clock_says_so_and_takes_no_answer_then(acs: Client) -> None:
    challenge_id = acs.ask(expires_in_seconds=60)["id"]
    acs.advance(58)
    assert acs.show(challenge_id) == "pending"
    acs.advance(2)
    assert acs.show(challenge_id) == "timed_out"
    assert acs.answer(challenge_id, True).json()["status"] == "timed_out"
    assert acs.http.post(f"/acs/v1/challenges/{challenge_id}/cancel").status_code == 409


def test_a_merchant_may_stop_asking(acs: Client) -> None:
    challenge_id = acs.ask()["id"]
    assert acs.http.post(f"/acs/v1/challenges/{challenge_id}/cancel").json()["status"] == "canceled"
    assert acs.answer(challenge_id, True).json()["status"] == "canceled"


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/acs/v1/challenges", {**PURCHASE, "amount": -1}, 422),
        ("/acs/v1/challenges", {**PURCHASE, "currency": "usd"}, 422),
        ("/acs/v1/challenges", {**PURCHASE, "pan": "4242"}, 422),
        ("/acs/v1/challenges/acsch_nobodys/answer", {"approved": True}, 404),
        ("/acs/v1/challenges/acsch_nobodys/answer", {"approved": "yes"}, 422),
        ("/_sim/acs/endpoint", {"url": "ftp://elsewhere"}, 422),
    ],
)
def test_what_makes_no_sense_is_refused(acs: Client, path: str, body: Any, status: int) -> None:
    assert acs.http.post(path, json=body, headers={"Idempotency-Key": "k"}).status_code == status


def test_nobody_gets_in_without_the_key_nor_answers_without_one(acs: Client) -> None:
    challenge_id = acs.ask()["id"]
    for header in ("Bearer wrong", "Basic x", ""):
        answer = acs.http.get(f"/acs/v1/challenges/{challenge_id}", headers={"Authorization": header})
        assert answer.status_code == 401
    assert acs.answer(challenge_id, True, key=None).status_code == 400


def test_webhooks_tell_the_whole_challenge_and_are_signed_as_standard_webhooks_are(
    acs: Client, receiver: tuple[Receiver, str], eventually: Eventually
) -> None:
    heard, secret = receiver
    asked = acs.ask(expires_in_seconds=30)
    acs.advance(30)
    eventually(lambda: len(heard.types) == 2)
    assert heard.types == ["challenge.created", "challenge.timed_out"]
    for body, headers in heard.arrivals:
        event = json.loads(body)
        assert event["data"]["id"] == asked["id"]
        signed = f"{event['id']}.{headers['webhook-timestamp']}.".encode() + body
        key = base64.b64decode(secret.removeprefix("whsec_"))
        digest = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
        assert (headers["webhook-id"], headers["webhook-signature"]) == (event["id"], f"v1,{digest}")


def test_an_approval_is_paid_on_once(acs: Client) -> None:
    challenge_id = acs.ask()["id"]
    path = f"/acs/v1/challenges/{challenge_id}/redeem"
    assert acs.http.post(path).json()["error"]["code"] == "not_approved"
    acs.answer(challenge_id, True)
    assert [acs.http.post(path).status_code for _ in range(2)] == [200, 409]
