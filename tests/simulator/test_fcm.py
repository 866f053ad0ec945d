import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import google.auth.transport.requests
import httpx
import pytest
from google.auth.exceptions import RefreshError
from google.oauth2 import service_account
from joserfc import jwt
from joserfc.jwk import RSAKey

from running_simulator import RunningSimulator, running_simulator

SCOPE = "https://www.googleapis.com/auth/firebase.messaging"
AUDIENCE = "https://oauth2.googleapis.com/token"
Account = dict[str, str]
Send = Callable[..., httpx.Response]
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"


@pytest.fixture
def account(simulator: RunningSimulator) -> Account:
    document: Account = httpx.get(f"{simulator.base_url}/_sim/fcm/service-account.json").json()
    return document


def bearer(account: Account, scope: str = SCOPE) -> str:
    credentials = service_account.Credentials.from_service_account_info(account, scopes=[scope])
    credentials.refresh(google.auth.transport.requests.Request())
    return str(credentials.token)


@pytest.fixture
def send(simulator: RunningSimulator, account: Account) -> Send:
    token = bearer(account)

    def post(
        message: dict[str, Any], project: str = "cardwright-demo", token: str = token, **options: bool
    ) -> httpx.Response:
        body = {"message": message} | options
        url = f"{simulator.base_url}/v1/projects/{project}/messages:send"
        return httpx.post(url, json=body, headers={"Authorization": f"Bearer {token}"})

    return post


def exchange(
    simulator: RunningSimulator, account: Account, key: RSAKey | None = None, **changes: Any
) -> httpx.Response:
    now = int(time.time())
    claims = {"iss": account["client_email"], "scope": SCOPE, "aud": AUDIENCE, "iat": now, "exp": now + 3600}
    claims = {name: value for name, value in (claims | changes).items() if value is not None}
    key = key or RSAKey.import_key(account["private_key"])
    assertion = jwt.encode({"alg": "RS256"}, claims, key)
    return httpx.post(f"{simulator.base_url}/token", data={"grant_type": GRANT, "assertion": assertion})


def code_of(answer: httpx.Response) -> str:
    [code] = [it["errorCode"] for it in answer.json()["error"]["details"] if "errorCode" in it]
    return code


def test_googles_own_library_gets_a_token_and_the_push_arrives(
    simulator: RunningSimulator, account: Account, send: Send
) -> None:
    credentials = service_account.Credentials.from_service_account_info(account, scopes=[SCOPE])
    credentials.refresh(google.auth.transport.requests.Request())
    assert credentials.valid

    notification = {"title": "Paid 12.50 EUR", "body": "at Bean & Leaf"}
    message = {"token": "device-1", "notification": notification, "data": {"card": "card_1"}}
    answer = send(message | {"android": {"priority": "high", "ttl": "60s"}}, token=credentials.token)
    assert answer.status_code == 200
    name = answer.json()["name"]
    assert name.startswith("projects/cardwright-demo/messages/")
    [received] = httpx.get(f"{simulator.base_url}/_sim/inbox?channel=push&to=device-1").json()["data"]
    assert (received["subject"], received["text"]) == ("Paid 12.50 EUR", "at Bean & Leaf")
    assert received["extra"] == {"name": name, "data": {"card": "card_1"}}


def test_a_token_lives_for_an_hour(simulator: RunningSimulator, account: Account) -> None:
    answer = exchange(simulator, account).json()
    assert answer["expires_in"] == 3600
    assert answer["token_type"] == "Bearer"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"iss": "someone@else.example"}, "invalid_grant"),
        ({"aud": "https://elsewhere.example/token"}, "invalid_grant"),
        ({"scope": None}, "invalid_scope"),
        ({"iat": int(time.time()) - 7200, "exp": int(time.time()) - 3600}, "invalid_grant"),
        ({"exp": int(time.time()) + 7200}, "invalid_grant"),
        ({"exp": None}, "invalid_grant"),
    ],
)
def test_an_assertion_with_a_wrong_claim_gets_no_token(
    simulator: RunningSimulator, account: Account, changes: dict[str, Any], error: str
) -> None:
    answer = exchange(simulator, account, **changes)
    assert answer.status_code == 400
    assert answer.json()["error"] == error
    assert answer.json()["error_description"]


def test_an_assertion_signed_with_another_key_gets_no_token(
    simulator: RunningSimulator, account: Account
) -> None:
    answer = exchange(simulator, account, key=RSAKey.generate_key(2048))
    assert answer.status_code == 400
    assert answer.json() == {"error": "invalid_grant", "error_description": "Invalid JWT Signature."}


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({}, "unsupported_grant_type"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": GRANT}, "invalid_grant"),
        ({"grant_type": GRANT, "assertion": "not.a.jwt"}, "invalid_grant"),
    ],
)
def test_a_token_request_that_is_no_assertion_is_refused(
    simulator: RunningSimulator, form: dict[str, str], error: str
) -> None:
    answer = httpx.post(f"{simulator.base_url}/token", data=form)
    assert (answer.status_code, answer.json()["error"]) == (400, error)


def test_an_unsigned_assertion_is_refused(simulator: RunningSimulator, account: Account) -> None:
    header_and_claims = "eyJhbGciOiJub25lIn0.eyJpc3MiOiJ4In0."
    form = {"grant_type": GRANT, "assertion": header_and_claims}
    assert httpx.post(f"{simulator.base_url}/token", data=form).json()["error"] == "invalid_grant"


def test_googles_library_reports_the_refusal(simulator: RunningSimulator, account: Account) -> None:
    stranger = account | {"client_email": "someone@else.example"}
    with pytest.raises(RefreshError, match="invalid_grant"):
        bearer(stranger)


@pytest.mark.parametrize(
    ("token", "status", "code"),
    [
        ("unregistered-1", 404, "UNREGISTERED"),
        ("quota-1", 429, "QUOTA_EXCEEDED"),
        ("unavailable-1", 503, "UNAVAILABLE"),
        ("mismatch-1", 403, "SENDER_ID_MISMATCH"),
        ("invalid-1", 400, "INVALID_ARGUMENT"),
    ],
)
def test_a_device_token_chooses_its_error(
    simulator: RunningSimulator, send: Send, token: str, status: int, code: str
) -> None:
    answer = send({"token": token, "notification": {"title": "x"}})
    assert answer.status_code == answer.json()["error"]["code"] == status
    assert code_of(answer) == code
    assert ("retry-after" in answer.headers) == (status == 503)
    assert simulator.world.inbox.list("push") == []


@pytest.mark.parametrize(
    ("message", "field"),
    [
        ({"notification": {"title": "x"}}, "message"),
        ({"token": "d", "topic": "news"}, "message"),
        ({"token": ""}, "message.token"),
        ({"token": "d", "data": {"amount": 12}}, "message.data.amount"),
        ({"token": "d", "data": {"google.x": "y"}}, "message.data"),
        ({"token": "d", "notification": {"title": 5}}, "message.notification.title"),
        ({"token": "d", "colour": "red"}, "message.colour"),
        ({"token": "d", "android": {"ttl": "soon"}}, "message.android.ttl"),
        ({"token": "d", "android": {"priority": "urgent"}}, "message.android.priority"),
        ({"token": "d", "data": {"x": "y" * 4096}}, "message"),
        ({"topic": "no spaces"}, "message.topic"),
    ],
)
def test_a_message_with_a_wrong_field_is_refused_and_the_field_is_named(
    simulator: RunningSimulator, send: Send, message: dict[str, Any], field: str
) -> None:
    answer = send(message)
    assert answer.status_code == 400
    error = answer.json()["error"]
    assert error["status"] == "INVALID_ARGUMENT"
    assert code_of(answer) == "INVALID_ARGUMENT"
    violations = error["details"][1]["fieldViolations"]
    assert [violation["field"] for violation in violations] == [field]
    assert simulator.world.inbox.list("push") == []


def test_a_body_that_is_no_json_is_refused(simulator: RunningSimulator, account: Account) -> None:
    headers = {"Authorization": f"Bearer {bearer(account)}"}
    url = f"{simulator.base_url}/v1/projects/cardwright-demo/messages:send"
    assert httpx.post(url, content=b"{", headers=headers).status_code == 400


def test_validate_only_delivers_nothing(simulator: RunningSimulator, send: Send) -> None:
    answer = send({"token": "device-1", "notification": {"title": "x"}}, validate_only=True)
    assert answer.status_code == 200
    assert simulator.world.inbox.list("push") == []


def test_without_a_live_token_for_this_project_and_scope_nothing_is_sent(
    simulator: RunningSimulator, account: Account, send: Send
) -> None:
    message = {"token": "device-1"}
    assert send(message, token="nonsense").json()["error"]["status"] == "UNAUTHENTICATED"
    assert send(message, project="other").status_code == 403
    elsewhere = bearer(account, "https://www.googleapis.com/auth/devstorage.read_only")
    assert send(message, token=elsewhere).status_code == 403
    kept = simulator.world.objects.list("fcm_token")[-1]
    simulator.world.objects.put("fcm_token", kept | {"expires": int(time.time()) - 1})
    assert send(message).status_code == 401
    assert simulator.world.inbox.list("push") == []


def test_the_key_is_kept_across_restarts_and_in_a_private_file(tmp_path: Path) -> None:
    with running_simulator(data_dir=tmp_path) as first:
        before = httpx.get(f"{first.base_url}/_sim/fcm/service-account.json").json()
    file = tmp_path / "fcm-service-account.json"
    assert file.stat().st_mode & 0o077 == 0
    with running_simulator(data_dir=tmp_path) as second:
        after = httpx.get(f"{second.base_url}/_sim/fcm/service-account.json").json()
        credentials = service_account.Credentials.from_service_account_file(str(file), scopes=[SCOPE])
        credentials.refresh(google.auth.transport.requests.Request())
        assert credentials.valid
        assert after["token_uri"] == f"{second.base_url}/token"
    assert after["private_key"] == before["private_key"]
