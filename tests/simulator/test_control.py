from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from running_simulator import Eventually, RunningSimulator, running_simulator

DAY_SECONDS = 86_400


def test_health_says_where_mail_goes(simulator: RunningSimulator) -> None:
    document = httpx.get(f"{simulator.base_url}/_sim/health").json()
    assert document["status"] == "ok"
    assert document["smtp_port"] == simulator.smtp_port


def test_the_clock_moves_forward_and_what_arrives_later_bears_the_new_time(
    simulator: RunningSimulator,
) -> None:
    before = httpx.get(f"{simulator.base_url}/_sim/clock").json()
    moved = httpx.post(f"{simulator.base_url}/_sim/clock/advance", json={"seconds": 8 * DAY_SECONDS}).json()
    assert moved["offset_seconds"] == before["offset_seconds"] + 8 * DAY_SECONDS
    assert moved["timestamp"] - before["timestamp"] in range(8 * DAY_SECONDS, 8 * DAY_SECONDS + 30)
    message = simulator.world.inbox.add("push", to="d", sender="p", subject=None, text="late")
    assert (datetime.fromisoformat(message["at"]) - datetime.fromisoformat(before["now"])).days == 8


@pytest.mark.parametrize(
    "body", [{"seconds": -1}, {"seconds": "60"}, {"seconds": 1.5}, {}, {"seconds": 1, "x": 2}, [], 10**12]
)
def test_a_clock_is_not_moved_by_nonsense(simulator: RunningSimulator, body: Any) -> None:
    answer = httpx.post(f"{simulator.base_url}/_sim/clock/advance", json=body)
    assert answer.status_code == 400
    assert answer.json()["error"]["message"]
    assert simulator.world.clock.offset_seconds == 0


def test_a_fault_is_set_shown_and_lifted(simulator: RunningSimulator) -> None:
    faults = f"{simulator.base_url}/_sim/faults"
    wish = {"target": "webhook", "kind": "duplicate", "selector": "issuing_transaction.*", "count": 2}
    fault = httpx.post(faults, json=wish)
    assert fault.status_code == 201
    [shown] = httpx.get(faults).json()["data"]
    assert shown == fault.json()
    assert (shown["kind"], shown["remaining"]) == ("duplicate", 2)
    assert httpx.delete(f"{faults}/{shown['id']}").status_code == 200
    assert httpx.delete(f"{faults}/{shown['id']}").status_code == 404
    assert httpx.get(faults).json()["data"] == []


def test_all_faults_are_lifted_at_once(simulator: RunningSimulator) -> None:
    faults = f"{simulator.base_url}/_sim/faults"
    for kind in ("drop", "reorder"):
        httpx.post(faults, json={"target": "webhook", "kind": kind})
    assert httpx.delete(faults).json() == {"data": []}
    assert simulator.world.faults.list() == []


@pytest.mark.parametrize(
    "wish",
    [
        {"target": "webhook", "kind": "explode"},
        {"target": "api", "kind": "reorder"},
        {"target": "webhook", "kind": "delay"},
        {"target": "webhook", "kind": "drop", "count": 0},
        {"target": "api", "kind": "error", "status": 200},
        {"kind": "drop"},
        {"target": "webhook", "kind": "drop", "colour": "red"},
    ],
)
def test_a_senseless_fault_is_refused(simulator: RunningSimulator, wish: dict[str, Any]) -> None:
    answer = httpx.post(f"{simulator.base_url}/_sim/faults", json=wish)
    assert answer.status_code == 400
    assert simulator.world.faults.list() == []


def test_a_call_can_be_lost_before_it_has_an_effect(simulator: RunningSimulator) -> None:
    simulator.world.faults.add("api", "drop", selector="/token")
    with pytest.raises(httpx.TransportError):
        httpx.post(f"{simulator.base_url}/token", data={})
    assert httpx.post(f"{simulator.base_url}/token", data={}).status_code == 400


def test_the_inbox_is_filtered_by_channel_and_recipient(simulator: RunningSimulator) -> None:
    for to in ("ada", "bob"):
        simulator.world.inbox.add("push", to=to, sender="p", subject=None, text=f"for {to}")
    simulator.world.inbox.add("email", to="ada", sender="p", subject="s", text="mail")
    inbox = f"{simulator.base_url}/_sim/inbox"

    def texts(**query: str) -> list[str]:
        return [message["text"] for message in httpx.get(inbox, params=query).json()["data"]]

    assert texts() == ["mail", "for bob", "for ada"]
    assert texts(channel="push") == ["for bob", "for ada"]
    assert texts(channel="push", to="ada") == ["for ada"]
    assert texts(to="eve") == []


def test_callbacks_that_fail_show_up_in_the_deliveries_with_every_attempt(
    simulator: RunningSimulator, eventually: Eventually
) -> None:
    settings = simulator.world.settings
    account, number = settings.twilio_account_sid, settings.twilio_numbers[0]
    form = {"To": "+150055530001", "From": number, "Body": "hi", "StatusCallback": "http://127.0.0.1:9/"}
    path = f"/2010-04-01/Accounts/{account}/Messages.json"
    sent = httpx.post(simulator.base_url + path, data=form, auth=(account, settings.twilio_auth_token))
    address = f"{simulator.base_url}/_sim/deliveries?reference={sent.json()['sid']}"
    eventually(lambda: [it["status"] for it in httpx.get(address).json()["data"]] == ["failed", "failed"])
    delivery = httpx.get(address).json()["data"][0]
    assert delivery["topic"] == "twilio.message.failed"
    assert len(delivery["attempts"]) == 5
    assert "secret" not in delivery


def test_a_reset_forgets_everything_but_the_push_account(simulator: RunningSimulator) -> None:
    account = f"{simulator.base_url}/_sim/fcm/service-account.json"
    before = httpx.get(account).json()
    simulator.world.inbox.add("push", to="ada", sender="p", subject=None, text="x")
    simulator.world.clock.advance(60)
    assert httpx.get(f"{simulator.base_url}/_sim/state").json()["counts"]["messages"] == 1
    assert httpx.post(f"{simulator.base_url}/_sim/reset").json() == {"status": "reset"}
    state = httpx.get(f"{simulator.base_url}/_sim/state").json()
    assert state["counts"]["messages"] == 0
    assert state["clock"]["offset_seconds"] == 0
    assert httpx.get(account).json() == before


def test_with_a_data_folder_everything_outlives_a_restart(tmp_path: Path) -> None:
    with running_simulator(data_dir=tmp_path) as first:
        first.world.inbox.add("sms", to="ada", sender="p", subject=None, text="kept")
        httpx.post(f"{first.base_url}/_sim/clock/advance", json={"seconds": 3600})
    with running_simulator(data_dir=tmp_path) as second:
        assert [it["text"] for it in httpx.get(f"{second.base_url}/_sim/inbox").json()["data"]] == ["kept"]
        assert httpx.get(f"{second.base_url}/_sim/clock").json()["offset_seconds"] == 3600
