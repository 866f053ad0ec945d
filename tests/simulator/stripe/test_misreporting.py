"""Lists and deliveries that are wrong on order, the same way for one seed, while what is kept is right."""

from collections.abc import Callable

import httpx
import pytest
import stripe
from stripe.issuing import Authorization, Card

from running_stripe import RunningStripe


@pytest.fixture
def captured(
    running: RunningStripe, client: stripe.StripeClient, card: Card, pay: Callable[..., Authorization]
) -> list[str]:
    for number in range(1, 7):
        made = pay(card.id, number * 1_00)
        client.v1.test_helpers.issuing.authorizations.capture(made.id)
    return [it.id for it in client.v1.issuing.transactions.list().data]


def test_a_list_drops_duplicates_copies_and_alters_what_a_seed_chooses(
    running: RunningStripe, client: stripe.StripeClient, captured: list[str]
) -> None:
    chosen = {}
    for action, member in (("drop", None), ("duplicate", None), ("copy", None), ("alter", "amount")):
        order = {"list": "transactions", "action": action, "member": member, "count": 1, "seed": 7}
        [chosen[action]] = running.control("misreports", order).json()["data"]
    listed = [it.id for it in client.v1.issuing.transactions.list({"limit": 3}).auto_paging_iter()]
    assert len({it["object_id"] for it in chosen.values()}) == 4
    assert chosen["drop"]["object_id"] not in listed
    assert listed.count(chosen["duplicate"]["object_id"]) == 2
    assert {chosen["copy"]["object_id"], chosen["copy"]["copy_id"]} <= set(listed)
    altered = chosen["alter"]["object_id"]
    told = {it.id: it.amount for it in client.v1.issuing.transactions.list().data}
    assert told[altered] == client.v1.issuing.transactions.retrieve(altered).amount - 7
    assert httpx.delete(f"{running.base_url}/_sim/stripe/misreports").status_code == 204
    assert [it.id for it in client.v1.issuing.transactions.list().data] == captured


def test_events_are_lost_doubled_and_garbled_as_a_seed_says(
    running: RunningStripe, client: stripe.StripeClient, card: Card, pay: Callable[..., Authorization]
) -> None:
    running.subscribe("issuing_authorization.created")
    fates = {"seed": 3, "drop": 30, "duplicate": 30, "alter": 30, "selector": "issuing_authorization.*"}

    def told() -> list[str]:
        assert running.control("misdelivery", fates).is_success
        made = [pay(card.id, 100).id for _ in range(24)]
        log = httpx.get(f"{running.base_url}/_sim/stripe/misdelivery").json()["data"]
        by_object = {it["object"]: it["fate"] for it in log}
        return [by_object.get(each, "sent") for each in made]

    first = told()
    running.eventually(lambda: len(running.receiver.events) == _sent(first))
    amounts = [it["data"]["object"]["amount"] for it in running.receiver.events]
    assert amounts.count(200) == first.count("alter") > 0
    assert told() == first
    assert {"drop", "duplicate", "alter"} <= set(first)


def test_a_fee_moves_the_balance_and_is_listed(running: RunningStripe, client: stripe.StripeClient) -> None:
    taken = running.control("fees", {"amount": 30}).json()
    [listed] = client.v1.balance_transactions.list({"type": "stripe_fee"}).data
    assert (listed.id, listed.amount, listed.source) == (taken["id"], -30, None)
    assert client.v1.balance.retrieve().available[0].amount == -30


def _sent(fates: list[str]) -> int:
    return sum({"drop": 0, "duplicate": 2}.get(fate, 1) for fate in fates)
