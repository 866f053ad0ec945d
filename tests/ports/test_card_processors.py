"""What every card processor must do, over real connections to the simulator."""

import re
import socket
import ssl
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from joserfc import jwe

from cardwright.adapters.stripe import client as stripe_client
from cardwright.adapters.stripe.issuing import StripeCardProcessor
from cardwright.adapters.visa import client as visa_client
from cardwright.adapters.visa.client import VisaAccess, VisaClient
from cardwright.adapters.visa.virtual_accounts import REQUISITION, VisaCardProcessor
from cardwright.cards import CardProcessor, CardState, Holder, IssuedCard, MirroredLimit
from cardwright.core.clock import MovableClock, SystemClock
from cardwright.core.errors import Unavailable
from cardwright.core.ids import new_id
from cardwright.core.sensitive import Sensitive
from running_simulator import QUICK, RunningSimulator, running_simulator
from simulator.settings import SimulatorSettings
from simulator.stripe.card_numbers import is_luhn_valid
from simulator.visa.accounts import ACCOUNT
from simulator.visa.certificates import ensure_papers
from visa_access import access_to, settings_with_visa

HOLDER = Holder(
    "user_1", "Ada Lovelace", "ada@example.com", "+15550100200", "1 Sample Street", "Springfield",
    "12345", "US",
)  # fmt: skip
REFUSALS = (stripe_client.RequestRefused, visa_client.RequestRefused)


@dataclass(frozen=True, slots=True)
class Bench:
    """A processor, where it keeps its cards, and the simulator behind it."""

    processor: CardProcessor
    simulator: RunningSimulator
    kind: str
    issuing_path: str

    def cards(self) -> list[dict[str, Any]]:
        """Return the cards that exist at the processor."""
        return self.simulator.world.objects.list(self.kind)


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> SimulatorSettings:
    return settings_with_visa(tmp_path_factory.mktemp("visa"))


@pytest.fixture(scope="module")
def simulator(settings: SimulatorSettings) -> Iterator[RunningSimulator]:
    with running_simulator(settings) as simulator:
        yield simulator


@pytest.fixture
def access(settings: SimulatorSettings, simulator: RunningSimulator) -> VisaAccess:
    return access_to(settings)


@pytest.fixture
async def visa(access: VisaAccess) -> AsyncIterator[VisaClient]:
    client = VisaClient(access, SystemClock())
    yield client
    await client.aclose()


@pytest.fixture(params=["stripe", "visa"])
def bench(request: pytest.FixtureRequest, simulator: RunningSimulator, visa: VisaClient) -> Iterator[Bench]:
    if request.param == "stripe":
        client = stripe_client.make_client(Sensitive(QUICK.stripe_secret_key), simulator.base_url)
        yield Bench(StripeCardProcessor(client), simulator, "issuing.card", "/v1/issuing/cards")
    else:
        yield Bench(VisaCardProcessor(visa, SystemClock()), simulator, ACCOUNT, REQUISITION)
    simulator.world.faults.clear()


async def issue(processor: CardProcessor, key: str | None = None) -> IssuedCard:
    key = key or new_id("card")
    holder = await processor.register_holder(HOLDER, key=f"{key}:holder")
    return await processor.issue_card(card_id=key, currency="USD", holder_reference=holder, key=key)


def facts(card: IssuedCard) -> tuple[object, ...]:
    number = card.number.reveal() if card.number else None
    return card.reference, card.last4, card.exp_month, card.exp_year, card.bin, number


async def test_a_person_keeps_one_reference(bench: Bench) -> None:
    key = new_id("key")
    first = await bench.processor.register_holder(HOLDER, key=key)
    assert await bench.processor.register_holder(HOLDER, key=key) == first != ""


async def test_the_same_key_is_the_same_card(bench: Bench) -> None:
    before, key = len(bench.cards()), new_id("card")
    first, again = [await issue(bench.processor, key) for _ in range(2)]
    assert facts(again) == facts(first)
    other = await issue(bench.processor)
    assert other.reference != first.reference
    assert len(bench.cards()) == before + 2


async def test_a_lost_answer_costs_no_second_card(bench: Bench) -> None:
    before, key = len(bench.cards()), new_id("card")
    bench.simulator.world.faults.add(
        "api", "drop_response", selector=f"POST {bench.issuing_path}", count=None
    )
    with pytest.raises(Unavailable):
        await issue(bench.processor, key)
    assert len(bench.cards()) == before + 1
    bench.simulator.world.faults.clear()
    card = await issue(bench.processor, key)
    assert len(bench.cards()) == before + 1
    await bench.processor.set_state(card.reference, CardState.FROZEN, key=new_id("push"))


async def test_an_outage_is_waited_out(bench: Bench) -> None:
    before, key = len(bench.cards()), new_id("card")
    bench.simulator.world.faults.add("api", "error", count=None, status=503)
    with pytest.raises(Unavailable):
        await issue(bench.processor, key)
    bench.simulator.world.faults.clear()
    assert (await issue(bench.processor, key)).last4
    assert len(bench.cards()) == before + 1


async def test_the_processor_tells_the_state_that_a_card_has_there(bench: Bench) -> None:
    card = await issue(bench.processor)
    for state in (CardState.ACTIVE, CardState.FROZEN, CardState.ACTIVE, CardState.CANCELED):
        await bench.processor.set_state(card.reference, state, key=new_id("push"))
        assert (await bench.processor.state_at_processor(card.reference)).state is state
    assert (await bench.processor.state_at_processor("unknown")).state is None


async def test_a_number_is_handed_over_where_a_code_is_and_nowhere_else(bench: Bench) -> None:
    card = await issue(bench.processor)
    code = await bench.processor.security_code(card.reference)
    assert (card.number is None) is (code is None)
    assert code is None or re.fullmatch(r"\d{3}", code.reveal())
    assert card.number is None or card.number.reveal() not in repr(card)


async def test_limits_of_the_windows_that_it_has_are_kept_there(bench: Bench) -> None:
    card = await issue(bench.processor)
    limits = [MirroredLimit(window, 5_00) for window in sorted(bench.processor.windows)]
    await bench.processor.set_limits(card.reference, limits, currency="USD", key=new_id("push"))
    assert (await bench.processor.state_at_processor(card.reference)).limits == tuple(limits)


async def test_states_follow_ours_and_repeat_without_harm(bench: Bench) -> None:
    card = await issue(bench.processor)

    def there() -> tuple[str, bool]:
        kept = bench.cards()[0]
        return kept["status"], bool(kept.get("rules"))

    seen = []
    for state in (CardState.FROZEN, CardState.ACTIVE, CardState.CANCELED):
        key = new_id("push")
        for _ in range(2):
            await bench.processor.set_state(card.reference, state, key=key)
        seen.append(there())
    stripes = [("inactive", False), ("active", False), ("canceled", False)]
    visas = [("active", True), ("active", False), ("ended", True)]
    assert seen == (stripes if bench.kind == "issuing.card" else visas)


async def test_an_unknown_card_is_a_mistake_of_ours(bench: Bench) -> None:
    with pytest.raises(REFUSALS):
        await bench.processor.set_state("nobody", CardState.FROZEN, key=new_id("push"))


async def test_a_key_used_for_another_card_is_a_mistake_of_ours(bench: Bench) -> None:
    key = new_id("card")
    holder = await bench.processor.register_holder(HOLDER, key=key)
    await bench.processor.issue_card(
        card_id="card_1", currency="USD", holder_reference=holder, key=f"{key}:c"
    )
    with pytest.raises(REFUSALS):
        await bench.processor.issue_card(
            card_id="card_2", currency="USD", holder_reference=holder, key=f"{key}:c"
        )


async def test_nobody_listening_is_unavailable(access: VisaAccess) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    client = VisaClient(replace(access, base_url=f"https://127.0.0.1:{port}"), SystemClock())
    with pytest.raises(Unavailable):
        await issue(VisaCardProcessor(client, SystemClock()))


async def test_visas_numbers_are_valid_and_in_no_repr_and_no_reference(visa: VisaClient) -> None:
    card = await issue(VisaCardProcessor(visa, SystemClock()))
    assert card.number is not None
    number = card.number.reveal()
    assert is_luhn_valid(number)
    assert (number[:6], number[-4:]) == (card.bin, card.last4)
    assert number not in repr(card)
    assert number not in card.reference


async def test_the_list_for_tests_shows_no_number(visa: VisaClient, simulator: RunningSimulator) -> None:
    card = await issue(VisaCardProcessor(visa, SystemClock()))
    assert card.number is not None
    async with httpx.AsyncClient(base_url=simulator.base_url) as http:
        shown = await http.get("/_sim/visa/accounts")
    assert shown.json()["data"][0]["last4"] == card.last4
    assert card.number.reveal() not in shown.text


async def test_a_client_of_another_authority_is_turned_away(access: VisaAccess, tmp_path: Path) -> None:
    papers = ensure_papers(tmp_path / "others", "127.0.0.1")
    stranger = VisaClient(
        replace(access, client_certificate=papers.certificate("client"), client_key=papers.key("client")),
        SystemClock(),
    )
    with pytest.raises(Unavailable):
        await issue(VisaCardProcessor(stranger, SystemClock()))


async def test_a_client_without_a_certificate_is_turned_away(access: VisaAccess) -> None:
    context = ssl.create_default_context(cafile=access.authority)
    async with httpx.AsyncClient(verify=context, trust_env=False) as http:
        with pytest.raises(httpx.TransportError):
            await http.get(f"{access.base_url}/vdp/helloworld")


async def test_a_server_of_another_authority_is_not_believed(access: VisaAccess, tmp_path: Path) -> None:
    papers = ensure_papers(tmp_path / "others", "127.0.0.1")
    client = VisaClient(replace(access, authority=papers.certificate("authority")), SystemClock())
    with pytest.raises(Unavailable):
        await issue(VisaCardProcessor(client, SystemClock()))


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"password": Sensitive("guessed")}, "9124"),
        ({"api_key": Sensitive("guessed")}, "9123"),
        ({"shared_secret": Sensitive("guessed")}, "9160"),
        ({"message_key_id": "another"}, "9501"),
        ({"client_id": "somebody"}, "V003"),
        ({"buyer_id": "somebody"}, "V004"),
    ],
)
async def test_wrong_credentials_are_refused_with_their_code(
    access: VisaAccess, wrong: dict[str, Any], code: str
) -> None:
    client = VisaClient(replace(access, **wrong), SystemClock())
    with pytest.raises(visa_client.RequestRefused) as refused:
        await issue(VisaCardProcessor(client, SystemClock()))
    assert refused.value.code == code


async def test_a_stale_token_is_refused(access: VisaAccess) -> None:
    client = VisaClient(access, MovableClock(SystemClock().now() - timedelta(hours=1)))
    with pytest.raises(visa_client.RequestRefused) as refused:
        await issue(VisaCardProcessor(client, SystemClock()))
    assert refused.value.code == "9203"


async def test_a_message_changed_on_its_way_is_refused(
    access: VisaAccess, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = VisaClient(access, SystemClock())
    sealed = jwe.encrypt_compact

    def change(*arguments: Any, **more: Any) -> str:
        head, _, tag = sealed(*arguments, **more).rpartition(".")
        return f"{head}.{'B' if tag[0] == 'A' else 'A'}{tag[1:]}"

    monkeypatch.setattr(jwe, "encrypt_compact", change)
    with pytest.raises(visa_client.RequestRefused) as refused:
        await issue(VisaCardProcessor(client, SystemClock()))
    assert refused.value.code == "9502"


async def test_an_answer_for_other_eyes_is_not_believed(access: VisaAccess, tmp_path: Path) -> None:
    papers = ensure_papers(tmp_path / "others", "127.0.0.1")
    client = VisaClient(replace(access, message_key=papers.key("mle-client")), SystemClock())
    with pytest.raises(Unavailable):
        await issue(VisaCardProcessor(client, SystemClock()))


async def test_the_security_code_is_told_to_whoever_knows_number_and_expiry(visa: VisaClient) -> None:
    card = await issue(VisaCardProcessor(visa, SystemClock()))
    assert card.number is not None
    asked = {
        "clientId": visa.access.client_id,
        "buyerId": visa.access.buyer_id,
        "messageId": new_id("key"),
        "accountNumber": card.number.reveal(),
        "expirationDate": f"{card.exp_month:02d}/{card.exp_year}",
    }
    path = "/vpa/v1/accountManagement/GetSecurityCode"
    assert len((await visa.call(path, asked))["securityCode"]) == 3
    with pytest.raises(visa_client.RequestRefused) as refused:
        await visa.call(path, asked | {"expirationDate": "01/2001"})
    assert refused.value.code == "V071"
