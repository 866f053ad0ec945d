"""What goes wrong with disputes in the drill, of both kinds alike."""

from collections.abc import Mapping, Sequence
from typing import Final

from cardwright import disputes, funding, payments
from integration.reconciliation import disputing
from integration.reconciliation.drill import Drill

_LISTS: Final = {"dispute": "issuing_disputes", "charge_dispute": "disputes"}
Heard = Mapping[str, Sequence[str]]
"""The vendor's ids of disputes that both sides know, by kind of record."""


async def seed_heard(drill: Drill) -> Heard:
    """Let disputes of both kinds live and end, and hear of all of it."""
    drill.deliver_with(duplicate=20, alter=20)
    bought, paid_in = await drill.force(24), await drill.top_up(24)
    await drill.hear()
    filed = await disputing.claim(drill, bought)
    await disputing.answer(drill, filed, "credit")
    taken = await disputing.take_back(drill, paid_in)
    await drill.hear()
    await disputing.answer(drill, filed[:3], "lost")
    await disputing.answer(drill, filed[3:5], "won")
    await disputing.answer(drill, filed[5:7], "take_back", "credit")
    await disputing.decide(drill, taken[:3], "won")
    await disputing.decide(drill, taken[3:6], "lost")
    await drill.hear()
    return {"dispute": filed, "charge_dispute": taken}


async def seed_lost(drill: Drill, heard: Heard) -> tuple[str, str]:
    """Let messages of disputes be lost; return one dispute of each kind that is to be heard late."""
    filed, taken = heard["dispute"], heard["charge_dispute"]
    await _unheard(drill, "dispute", filed[20:], "lost")
    await _unheard(drill, "charge_dispute", taken[20:], "won")
    new, late = await _filed_now(drill, 3), await _filed_now(drill, 1)
    await disputing.answer(drill, [*new, *late], "credit", "take_back")
    taken_now = await disputing.take_back(drill, await drill.top_up(4))
    await disputing.decide(drill, taken_now[:2], "won")
    for record, lost in (("dispute", new), ("charge_dispute", taken_now[:3])):
        moved = await disputing.movements(drill, lost)
        drill.expect(record, [it for each in moved.values() for it in each], "missing_here", "not_heard")
    return late[0], taken_now[3]


async def hear_late(drill: Drill, late: tuple[str, str]) -> None:
    """Hear of disputes more than a day after they moved money."""
    filed, taken = late
    await disputes.refresh_dispute(drill.work, filed)
    await funding.refresh_dispute(drill.work, taken)
    moved = await disputing.movements(drill, late)
    drill.expect("dispute", moved[filed], "late", "heard_late")
    drill.expect("charge_dispute", moved[taken], "late", "heard_late")


async def misreport(drill: Drill, heard: Heard) -> None:
    """Let lists and balance say wrong things of disputes that both sides know."""
    for record, known in heard.items():
        moved = await disputing.movements(drill, known)
        await _misreport_lists(drill, record, known[:12], moved)
        by_movement = [it for each in known[12:20] for it in moved[each]]
        for action, kind, cause in (
            ("drop", "missing_there", "not_settled"),
            ("duplicate", "duplicated_there", "settled_twice"),
            ("alter", "amount_differs", "balance_says_otherwise"),
        ):
            made = drill.misreport("balance_transactions", action, 2, by_movement, member="amount")
            drill.expect(record, [it for it, _ in made], kind, cause)


async def _misreport_lists(
    drill: Drill, record: str, among: Sequence[str], moved: Mapping[str, list[str]]
) -> None:
    for action, count, kind, cause in (
        ("drop", 3, "missing_there", "not_listed"),
        ("duplicate", 2, "duplicated_there", "listed_twice"),
        ("copy", 2, "duplicated_there", "listed_twice"),
        ("alter", 3, "amount_differs", "list_says_otherwise"),
    ):
        made = drill.misreport(_LISTS[record], action, count, among, member="amount")
        drill.expect(record, [it for each, _ in made for it in moved[each]], kind, cause)


async def _filed_now(drill: Drill, count: int) -> list[str]:
    bought = await drill.force(count)
    for each in bought:
        await payments.refresh_transaction(drill.work, each)
    return await disputing.claim(drill, bought)


async def _unheard(drill: Drill, record: str, known: Sequence[str], outcome: str) -> None:
    before = await disputing.movements(drill, known)
    if record == "dispute":
        await disputing.answer(drill, known, outcome)
    else:
        await disputing.decide(drill, known, outcome)
    after = await disputing.movements(drill, known)
    moved = [it for each in known for it in after[each] if it not in before[each]]
    assert len(moved) == len(known)
    drill.expect(record, moved, "missing_here", "not_heard")
