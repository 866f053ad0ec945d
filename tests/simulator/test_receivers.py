"""The simulator's receivers, against messages that the public library signed."""

import base64
import json
from datetime import UTC, datetime

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from standardwebhooks import Webhook

from running_simulator import RunningSimulator

SECRET = "whsec_" + base64.b64encode(b"thirty-two bytes, known to both!").decode()
BODY = json.dumps({"type": "payments.payment_cleared"})


def message(secret: str = SECRET, *, body: str = BODY) -> dict[str, str]:
    at = datetime.now(tz=UTC)
    return {
        "webhook-id": "evt_1",
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign("evt_1", at, body),
    }


@pytest.fixture
def http(simulator: RunningSimulator) -> httpx.Client:
    return httpx.Client(base_url=simulator.base_url, trust_env=False)


def got(http: httpx.Client) -> list[tuple[str, list[str]]]:
    listed = http.get("/_sim/receivers/shop").json()["data"]
    return [(each["webhook_id"], each["verified_by"]) for each in listed]


def test_a_receiver_believes_what_is_signed_and_shows_what_it_got(http: httpx.Client) -> None:
    http.put("/_sim/receivers/shop", json={"secret": SECRET, "status": 202}).raise_for_status()
    assert http.post("/receivers/shop", content=BODY, headers=message()).status_code == 202
    assert http.post("/receivers/shop", content=BODY + " ", headers=message()).status_code == 401
    old = {**message(), "webhook-timestamp": "1614265330"}
    assert http.post("/receivers/shop", content=BODY, headers=old).status_code == 401
    assert got(http) == [("evt_1", []), ("evt_1", []), ("evt_1", ["v1"])]


def test_a_receiver_with_a_public_key_verifies_by_it(http: httpx.Client) -> None:
    key = Ed25519PrivateKey.generate()
    public = "whpk_" + base64.b64encode(key.public_key().public_bytes_raw()).decode()
    http.put("/_sim/receivers/shop", json={"public_key": public}).raise_for_status()
    headers = message()
    signed = f"evt_1.{headers['webhook-timestamp']}.{BODY}".encode()
    headers["webhook-signature"] += " v1a," + base64.b64encode(key.sign(signed)).decode()
    assert http.post("/receivers/shop", content=BODY, headers=headers).status_code == 204
    assert got(http)[0] == ("evt_1", ["v1a"])


def test_a_receiver_that_was_told_nothing_keeps_everything(http: httpx.Client) -> None:
    assert http.post("/receivers/other", content=b"anything").status_code == 204
    assert http.put("/_sim/receivers/other", json={"status": 1}).status_code == 400
