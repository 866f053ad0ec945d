"""Every state and every transition of a verification, reached over HTTP, at both vendors and at none."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from cardwright.adapters.onfido import identity
from cardwright.core.clock import MovableClock
from cardwright.kyc.domain import TRANSITIONS
from integration.kyc.identity_desk import Desk, Vendor, a_desk
from running_simulator import RunningSimulator, running_simulator

BOTH: Sequence[Vendor] = ("stripe", "onfido")
ONFIDO: Sequence[Vendor] = ("onfido",)
STRIPE: Sequence[Vendor] = ("stripe",)
MANUAL: Sequence[Vendor] = ("manual",)


@dataclass(frozen=True, slots=True)
class Walk:
    """What happens, and the state after each step of it that changes one."""

    at: Sequence[Vendor]
    steps: Sequence[tuple[str, str]]
    is_found: bool = False

    @property
    def states(self) -> Sequence[str]:
        return [state for _, state in self.steps]

    def __str__(self) -> str:
        return "-".join([*(["found"] if self.is_found else []), *self.states, *self.at])


def said(*states: str) -> Sequence[tuple[str, str]]:
    """What the vendor says, one after the other, which is what stands then."""
    return [(f"vendor_says {state}", state) for state in states]


UNHEARD = ("begin_unheard", "requested")
BEGUN = ("begin", "collecting")
SILENCE = ("silence", "expired")
HELD = ("vendor_says approved", "in_review")
WALKS = [
    *(Walk(BOTH, [UNHEARD, *said(state)]) for state in ("submitted", "approved", "rejected", "canceled")),
    Walk(BOTH, [UNHEARD, HELD], is_found=True),
    Walk(BOTH, [("request", "requested"), ("background", "collecting"), *said("submitted", "approved")]),
    Walk(BOTH, [BEGUN, *said("approved"), ("staff_rejects", "rejected")]),
    Walk(BOTH, [BEGUN, *said("rejected", "approved")]),
    Walk(BOTH, [BEGUN, *said("submitted", "rejected")]),
    Walk(BOTH, [BEGUN, *said("canceled")]),
    Walk(BOTH, [BEGUN, HELD, ("dismiss", "approved")], is_found=True),
    Walk(BOTH, [BEGUN, HELD, ("confirm", "in_review"), ("staff_rejects", "rejected")], is_found=True),
    Walk(BOTH, [BEGUN, *said("submitted"), HELD, ("staff_asks_for_more", "collecting")], is_found=True),
    Walk(BOTH, [BEGUN, *said("rejected"), HELD], is_found=True),
    Walk(BOTH, [BEGUN, *said("submitted"), ("staff_asks_for_more", "collecting"), SILENCE]),
    Walk(BOTH, [BEGUN, SILENCE, *said("approved")]),
    Walk(BOTH, [BEGUN, SILENCE, *said("rejected")]),
    Walk(BOTH, [BEGUN, SILENCE, HELD], is_found=True),
    Walk(ONFIDO, [UNHEARD, *said("in_review")]),
    Walk(ONFIDO, [BEGUN, *said("submitted", "collecting", "in_review", "submitted", "approved")]),
    Walk(ONFIDO, [BEGUN, *said("submitted", "in_review", "approved")]),
    Walk(ONFIDO, [BEGUN, *said("in_review", "collecting", "in_review", "rejected")]),
    Walk(ONFIDO, [BEGUN, *said("in_review", "canceled", "approved")]),
    Walk(ONFIDO, [BEGUN, *said("submitted", "canceled", "rejected")]),
    Walk(ONFIDO, [BEGUN, *said("canceled"), HELD], is_found=True),
    Walk(
        MANUAL,
        [
            BEGUN, ("submit", "submitted"), ("background", "in_review"),
            ("staff_asks_for_more", "collecting"), ("submit", "submitted"), ("background", "in_review"),
            ("staff_approves", "approved"), ("staff_rejects", "rejected"),
        ],
    ),
    Walk(
        MANUAL,
        [BEGUN, ("submit", "submitted"), ("background", "in_review"), ("staff_rejects", "rejected")],
    ),
    Walk(MANUAL, [BEGUN, SILENCE]),
]  # fmt: skip
NOT_AT_STRIPE: Mapping[tuple[str, str], str] = {
    ("submitted", "canceled"): "Stripe cancels only what waits for input",
    ("in_review", "submitted"): "Stripe has no review of its own",
    ("in_review", "canceled"): "Stripe has no review of its own, and an approval that is held outweighs it",
    ("canceled", "approved"): "Stripe never takes a canceled session up again",
    ("canceled", "rejected"): "Stripe never takes a canceled session up again",
    ("canceled", "in_review"): "Stripe never takes a canceled session up again",
}


@pytest.fixture(scope="module")
def simulator() -> Iterator[RunningSimulator]:
    with running_simulator() as simulator:
        yield simulator


@pytest.fixture(autouse=True)
def _do_not_wait_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(identity, "SETTLE_SECONDS", 0)


async def take(desk: Desk, step: str) -> None:
    name, _, argument = step.partition(" ")
    if name in {"dismiss", "confirm"}:
        await desk.decide_hit(name)  # type: ignore[arg-type]
    else:
        await getattr(desk, name)(*([argument] if argument else []))


@pytest.mark.parametrize(
    ("vendor", "walk"),
    [pytest.param(vendor, walk, id=f"{vendor}: {walk}") for walk in WALKS for vendor in walk.at],
)
async def test_a_verification_goes_from_state_to_state(
    engine: AsyncEngine, clock: MovableClock, simulator: RunningSimulator, vendor: Vendor, walk: Walk
) -> None:
    desk = await a_desk(engine, clock, simulator, vendor)
    if walk.is_found:
        await desk.is_found()
    for step, expected in walk.steps:
        await take(desk, step)
        assert await desk.state() == expected, step


def transitions_of(vendor: Vendor) -> set[tuple[str, str]]:
    """The transitions that the walks of a vendor make."""
    walks = [walk.states for walk in WALKS if vendor in walk.at]
    return {(old, new) for states in walks for old, new in itertools.pairwise(states) if old != new}


@pytest.mark.parametrize("vendor", BOTH)
def test_every_transition_is_walked_at_both_vendors(vendor: Vendor) -> None:
    possible = {(old.value, new.value) for old, following in TRANSITIONS.items() for new in following}
    impossible = NOT_AT_STRIPE.keys() if vendor == "stripe" else set()
    assert transitions_of(vendor) == possible - impossible


ENDS = ("approved", "rejected")


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("vendor", BOTH)
async def test_webhooks_in_every_order_and_twice_end_in_one_state_that_is_told_once(
    engine: AsyncEngine, clock: MovableClock, simulator: RunningSimulator, vendor: Vendor, end: str
) -> None:
    desk = await a_desk(engine, clock, simulator, vendor)
    await desk.begin()
    desk.is_deaf = True
    messages: list[Mapping[str, object]] = []
    for state in ("submitted", end):
        await desk.vendor_says(state)
        messages += [it for it in desk.webhooks() if it not in messages]
    assert await desk.state() == "collecting"
    for order in itertools.permutations(messages):
        await desk.hear([*order, *order])
        assert await desk.state() == end
    assert [it for it in desk.told if it in {"kyc.approved", "kyc.rejected"}] == [f"kyc.{end}"]


@pytest.mark.parametrize("vendor", BOTH)
async def test_polling_closes_what_webhooks_lost(
    engine: AsyncEngine, clock: MovableClock, simulator: RunningSimulator, vendor: Vendor
) -> None:
    desk = await a_desk(engine, clock, simulator, vendor)
    await desk.begin()
    desk.is_deaf = True
    for state in ("submitted", "approved"):
        await desk.vendor_says(state)
        await desk.poll()
        assert await desk.state() == state


async def test_a_vendor_that_takes_an_approval_back_changes_nothing_and_is_looked_at_once(
    engine: AsyncEngine, clock: MovableClock, simulator: RunningSimulator
) -> None:
    desk = await a_desk(engine, clock, simulator, "onfido")
    await desk.begin()
    for state in ("approved", "rejected", "approved", "rejected"):
        await desk.vendor_says(state)
        assert await desk.state() == "approved"
    [review] = (await desk.ask("GET", f"/v1/identity-reviews?user_id={desk.user_id}", "reviewer"))["data"]
    assert review["causes"] == ["contradiction"]
    await desk.staff_rejects()
    await desk.vendor_says("approved")
    assert await desk.state() == "rejected"
