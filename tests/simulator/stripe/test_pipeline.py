import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
import stripe
from stripe.issuing import Authorization, Card

from running_stripe import SETTINGS, RealTimeAnswer, RunningStripe, stripe_client
from simulator.stripe.errors import StripeError
from simulator.stripe.forms import parse_form

SECRET = SETTINGS.stripe_secret_key
NewCard = Callable[..., Card]
Pay = Callable[..., Authorization]


@pytest.fixture
def raw(running: RunningStripe) -> httpx.Client:
    """A bare HTTP client with the secret key."""
    return httpx.Client(base_url=running.base_url, headers={"Authorization": f"Bearer {SECRET}"})


def test_forms_nest_by_their_brackets() -> None:
    assert parse_form("a=1&b[c]=2&b[d][0][e]=3&f[]=x&f[]=y&g=") == {
        "a": "1",
        "b": {"c": "2", "d": {"0": {"e": "3"}}},
        "f": {"0": "x", "1": "y"},
        "g": "",
    }


@pytest.mark.parametrize("form", ["a=1&a[b]=2", "a[b=1", "[a]=1", "a]b=1"])
def test_forms_that_make_no_sense_are_refused(form: str) -> None:
    with pytest.raises(StripeError):
        parse_form(form)


def test_keys_are_checked(running: RunningStripe) -> None:
    for key in ("sk_test_wrong", SETTINGS.stripe_publishable_key):
        with pytest.raises(stripe.AuthenticationError) as refused:
            stripe_client(running.base_url, key).v1.issuing.cards.list()
        assert refused.value.http_status == 401
        assert key not in str(refused.value)
    nameless = httpx.get(f"{running.base_url}/v1/issuing/cards")
    assert nameless.status_code == 401
    assert nameless.json()["error"]["type"] == "invalid_request_error"


def test_the_key_may_come_as_a_basic_user_name(running: RunningStripe) -> None:
    answer = httpx.get(f"{running.base_url}/v1/issuing/cards", auth=(SECRET, ""))
    assert answer.json()["object"] == "list"


def test_answers_carry_the_request_id_and_the_version(client: stripe.StripeClient, raw: httpx.Client) -> None:
    balance = client.v1.balance.retrieve()
    assert balance.last_response is not None
    assert balance.last_response.request_id is not None
    assert balance.last_response.request_id.startswith("req_")
    assert (
        raw.get("/v1/balance", headers={"Stripe-Version": "2020-08-27"}).headers["stripe-version"]
        == "2020-08-27"
    )
    assert raw.get("/v1/balance").headers["stripe-version"] == "2026-10-28.endive"


@pytest.mark.parametrize(
    ("params", "code", "param"),
    [
        ({"currency": "usd"}, "parameter_missing", "type"),
        ({"currency": "usd", "type": "metal"}, None, "type"),
        ({"currency": "xxx", "type": "virtual"}, "parameter_invalid_currency", "currency"),
        ({"currency": "usd", "type": "virtual", "colour": "red"}, "parameter_unknown", "colour"),
        (
            {"currency": "usd", "type": "virtual", "exp_month": "x"},
            "parameter_invalid_integer",
            "exp_month",
        ),
        (
            {"currency": "usd", "type": "virtual", "exp_month": 13, "exp_year": 2090},
            "parameter_invalid_integer",
            "exp_month",
        ),
        ({"currency": "usd", "type": "virtual", "cardholder": ""}, "parameter_invalid_empty", "cardholder"),
        (
            {
                "currency": "usd",
                "type": "virtual",
                "spending_controls": {"spending_limits": [{"amount": 1, "interval": "hourly"}]},
            },
            None,
            "spending_controls[spending_limits][0][interval]",
        ),
        (
            {
                "currency": "usd",
                "type": "virtual",
                "spending_controls": {"spending_limits": [{"interval": "daily"}]},
            },
            "parameter_missing",
            "spending_controls[spending_limits][0][amount]",
        ),
        (
            {
                "currency": "usd",
                "type": "virtual",
                "spending_controls": {"allowed_categories": ["moon_trips"]},
            },
            None,
            "spending_controls[allowed_categories][0]",
        ),
        (
            {"currency": "usd", "type": "virtual", "spending_controls": {"nonsense": "x"}},
            "parameter_unknown",
            "spending_controls[nonsense]",
        ),
        (
            {"currency": "usd", "type": "virtual", "metadata": {"k": "v" * 501}},
            "metadata_value_too_long",
            "metadata",
        ),
        (
            {"currency": "usd", "type": "virtual", "metadata": {"k": {"x": "y"}}},
            "metadata_invalid",
            "metadata",
        ),
    ],
)
def test_wrong_parameters_get_an_error_that_names_them(
    client: stripe.StripeClient, params: Any, code: str | None, param: str
) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.issuing.cards.create(params)
    error = refused.value
    assert (error.http_status, error.code, error.param) == (400, code, param)
    assert client.v1.issuing.cards.list().data == []


def test_wrong_query_parameters_are_refused_too(client: stripe.StripeClient) -> None:
    for params in ({"limit": "many"}, {"limit": 101}, {"limit": 0}, {"status": "lost"}, {"colour": "red"}):
        with pytest.raises(stripe.InvalidRequestError) as refused:
            client.v1.issuing.cards.list(params)  # type: ignore[arg-type]
        assert refused.value.param == next(iter(params))


def test_flags_must_be_true_or_false(raw: httpx.Client) -> None:
    answer = raw.post("/v1/payment_intents", data={"amount": "100", "currency": "usd", "confirm": "yes"})
    assert answer.status_code == 400
    assert answer.json()["error"]["param"] == "confirm"


def test_what_is_not_there_is_missing(client: stripe.StripeClient, raw: httpx.Client) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.issuing.cards.retrieve("ic_nothing")
    assert (refused.value.http_status, refused.value.code) == (404, "resource_missing")
    answer = raw.get("/v1/no_such_thing")
    assert answer.status_code == 404
    assert "Unrecognized request URL" in answer.json()["error"]["message"]


def test_a_key_used_again_replays_the_first_answer(
    running: RunningStripe, raw: httpx.Client, cardholder_params: dict[str, Any]
) -> None:
    holders = running.client.v1.issuing.cardholders
    first = holders.create(cardholder_params, {"idempotency_key": "k1"})  # type: ignore[arg-type]
    again = holders.create(cardholder_params, {"idempotency_key": "k1"})  # type: ignore[arg-type]
    assert again.id == first.id
    assert len(holders.list().data) == 1
    assert first.last_response is not None
    assert again.last_response is not None
    assert "idempotent-replayed" not in first.last_response.headers
    assert again.last_response.headers["idempotent-replayed"] == "true"
    assert again.last_response.headers["original-request"] == first.last_response.request_id
    with pytest.raises(stripe.IdempotencyError):
        holders.create(cardholder_params | {"name": "Another"}, {"idempotency_key": "k1"})  # type: ignore[arg-type]


def test_bad_parameters_do_not_use_a_key_up_but_a_refused_card_does(
    client: stripe.StripeClient, cardholder_params: dict[str, Any]
) -> None:
    holders = client.v1.issuing.cardholders
    with pytest.raises(stripe.InvalidRequestError):
        holders.create({"name": "x"}, {"idempotency_key": "k2"})  # type: ignore[typeddict-item]
    assert holders.create(cardholder_params, {"idempotency_key": "k2"}).id  # type: ignore[arg-type]
    declined: Any = {
        "amount": 500,
        "currency": "usd",
        "payment_method": "pm_card_chargeDeclined",
        "confirm": True,
    }
    intents = set()
    for _ in range(2):
        with pytest.raises(stripe.CardError) as refused:
            client.v1.payment_intents.create(declined, {"idempotency_key": "k3"})
        assert refused.value.error is not None
        intents.add(refused.value.error.payment_intent.id)
    assert len(intents) == 1
    assert len(client.v1.payment_intents.list().data) == 1


def test_a_key_under_way_is_in_use(running: RunningStripe, raw: httpx.Client, card: Card) -> None:
    running.decide_in_real_time()
    running.receiver.answer = RealTimeAnswer(delay_seconds=0.6)
    path, form = "/v1/test_helpers/issuing/authorizations", {"card": card.id, "amount": "100"}
    headers = {"Idempotency-Key": "k4"}
    with ThreadPoolExecutor() as pool:
        first = pool.submit(raw.post, path, data=form, headers=headers)
        running.eventually(lambda: running.receiver.questions)
        second = raw.post(path, data=form, headers=headers)
        assert first.result().status_code == 200
    assert second.status_code == 409
    assert second.json()["error"]["code"] == "idempotency_key_in_use"
    assert raw.post(path, data=form, headers=headers).json() == first.result().json()


def test_lists_come_newest_first_in_pages(client: stripe.StripeClient, card: Card, new_card: NewCard) -> None:
    cards = client.v1.issuing.cards
    ids = [card.id, *(new_card(cardholder=card.cardholder.id).id for _ in range(4))][::-1]
    first = cards.list({"limit": 2})
    assert ([it.id for it in first.data], first.has_more) == (ids[:2], True)
    second = cards.list({"limit": 2, "starting_after": ids[1]})
    assert ([it.id for it in second.data], second.has_more) == (ids[2:4], True)
    last = cards.list({"limit": 2, "starting_after": ids[3]})
    assert ([it.id for it in last.data], last.has_more) == (ids[4:], False)
    back = cards.list({"limit": 2, "ending_before": ids[3]})
    assert ([it.id for it in back.data], back.has_more) == (ids[1:3], True)
    assert [it.id for it in cards.list({"limit": 2}).auto_paging_iter()] == ids
    with pytest.raises(stripe.InvalidRequestError) as refused:
        cards.list({"starting_after": "ic_nothing"})
    assert refused.value.param == "starting_after"


def test_lists_are_cut_by_time(running: RunningStripe, card: Card, new_card: NewCard) -> None:
    running.advance(3600)
    later = new_card(cardholder=card.cardholder.id)
    cards = running.client.v1.issuing.cards
    assert [it.id for it in cards.list({"created": {"gt": card.created}}).data] == [later.id]
    assert [it.id for it in cards.list({"created": {"lt": later.created}}).data] == [card.id]
    assert [it.id for it in cards.list({"created": card.created}).data] == [card.id]


def test_ids_expand_to_what_they_name(client: stripe.StripeClient, card: Card, pay: Pay) -> None:
    made = pay(card.id, 500)
    client.v1.test_helpers.issuing.authorizations.capture(made.id)
    transactions = client.v1.issuing.transactions
    [listed] = transactions.list({"expand": ["data.authorization.cardholder", "data.card"]}).data
    assert isinstance(listed.authorization, Authorization)
    assert listed.authorization.cardholder.name == "Robin Sample"  # type: ignore[union-attr]
    assert isinstance(listed.card, Card)
    one = transactions.retrieve(listed.id, {"expand": ["balance_transaction"]})
    assert one.balance_transaction.amount == -500  # type: ignore[union-attr]
    for path in ("amount", "nothing", "card.nothing.more", "a.b.c.d.e"):
        with pytest.raises(stripe.InvalidRequestError):
            transactions.retrieve(listed.id, {"expand": [path]})


def test_an_ordered_error_hits_once_and_a_retry_succeeds(running: RunningStripe) -> None:
    running.break_next("api", "error", "POST /v1/payment_intents", status=503)
    params: Any = {"amount": 500, "currency": "usd"}
    with pytest.raises(stripe.APIError):
        running.client.v1.payment_intents.create(params)
    running.break_next("api", "error", "POST /v1/payment_intents", status=500)
    patient = stripe_client(running.base_url, max_network_retries=1)
    assert patient.v1.payment_intents.create(params).id
    assert len(running.client.v1.payment_intents.list().data) == 1


@pytest.mark.parametrize(("kind", "made"), [("drop", 0), ("drop_response", 1)])
def test_a_lost_call_is_not_made_and_a_lost_answer_is_replayed(
    running: RunningStripe, kind: str, made: int
) -> None:
    running.break_next("api", kind, "/v1/payment_intents")
    intents = running.client.v1.payment_intents
    params: Any = {"amount": 500, "currency": "usd"}
    with pytest.raises(stripe.APIConnectionError):
        intents.create(params, {"idempotency_key": "once"})
    assert len(intents.list().data) == made
    intents.create(params, {"idempotency_key": "once"})
    assert len(intents.list().data) == 1


def test_a_delayed_call_is_late(running: RunningStripe) -> None:
    running.break_next("api", "delay", "GET /v1/balance", delay_milliseconds=300)
    started = time.monotonic()
    running.client.v1.balance.retrieve()
    assert time.monotonic() - started >= 0.3


def test_many_callers_at_once_get_an_answer_each(running: RunningStripe, card: Card, pay: Pay) -> None:
    barrier = threading.Barrier(8)

    def ask(amount: int) -> int:
        barrier.wait()
        return pay(card.id, amount).amount

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(ask, range(100, 108))) == list(range(100, 108))
