"""Comparing one subject: the vendor's list and balance on one side, our record and ledger on the other. Pure.

All four views are known where they exist, so that a difference says which of them stands alone.
"""

from datetime import timedelta
from typing import Final

from cardwright.reconciliation.domain import Cause, DifferenceKind, Found, Ours, Settled, Theirs

LATE: Final = timedelta(days=1)
"""How much later than it happened money may be booked."""
DATE_TOLERANCE: Final = timedelta(hours=1)
"""How far apart two dates of one thing may be."""


def compare_money(
    theirs: Theirs | None, settled: Settled | None, ours: Ours | None, *, is_copy: bool
) -> list[Found]:
    """Return in what the sides differ about money that moved; a copy has a twin that both sides have."""
    if theirs is None and ours is None:
        return _only_settled(settled)
    if ours is None:
        return [_missing_here(settled, is_copy=is_copy)]
    if theirs is None:
        return [_missing_there(settled, ours, is_copy=is_copy)]
    found = [*_listed_again(theirs), *_told_otherwise(theirs, settled, ours)]
    if not _is_comparable(theirs, ours):
        return found
    found += _amounts(theirs, settled, ours)
    return _one_of_each(found) or _late(theirs, settled, ours)


def compare_holds(
    theirs: Theirs | None, settled: Settled | None, ours: Ours | None, *, is_copy: bool
) -> list[Found]:
    """Return in what the sides differ about money that is held; a hold of nothing is as good as none."""
    if theirs and theirs.amount and is_copy and ours is None:
        return [Found(DifferenceKind.DUPLICATED_THERE, Cause.COPIED_THERE)]
    held_there, held_here = theirs.amount if theirs else 0, ours.amount if ours else 0
    found = _listed_again(theirs) if theirs else []
    if theirs and ours:
        found += _told_otherwise(theirs, settled, ours)
        if not _is_comparable(theirs, ours):
            return found
    is_backed = settled is not None and settled.amount == held_here
    if held_there != held_here:
        found.append(Found(_hold_kind(held_there, held_here), _hold_cause(theirs, is_backed=is_backed)))
    elif settled is not None and settled.amount != held_there:
        is_twice = settled.copies > 0
        kind = DifferenceKind.DUPLICATED_THERE if is_twice else DifferenceKind.AMOUNT_DIFFERS
        cause = Cause.SETTLED_TWICE if is_twice else Cause.BALANCE_SAYS_OTHERWISE
        found.append(Found(kind, cause))
    return _one_of_each(found)


def _only_settled(settled: Settled | None) -> list[Found]:
    if settled is None or settled.amount == 0:
        return []
    return [Found(DifferenceKind.MISSING_HERE, Cause.ONLY_IN_BALANCE, settled.amount)]


def _missing_here(settled: Settled | None, *, is_copy: bool) -> Found:
    if is_copy:
        return Found(DifferenceKind.DUPLICATED_THERE, Cause.COPIED_THERE, _lacking(settled, None))
    return Found(DifferenceKind.MISSING_HERE, Cause.NOT_HEARD, _lacking(settled, None))


def _missing_there(settled: Settled | None, ours: Ours, *, is_copy: bool) -> Found:
    delta = _lacking(settled, ours)
    if is_copy:
        return Found(DifferenceKind.DUPLICATED_HERE, Cause.COPIED_HERE, delta)
    cause = Cause.NOT_LISTED if settled is not None else Cause.UNKNOWN_THERE
    return Found(DifferenceKind.MISSING_THERE, cause, delta)


def _lacking(settled: Settled | None, ours: Ours | None) -> int:
    """Return what the ledger lacks of what the vendor's balance moved by."""
    return (settled.amount if settled else 0) - (ours.amount if ours else 0)


def _listed_again(theirs: Theirs) -> list[Found]:
    # Naming a record twice moves no money.
    return [Found(DifferenceKind.DUPLICATED_THERE, Cause.LISTED_TWICE)] if theirs.times > 1 else []


def _is_comparable(theirs: Theirs, ours: Ours) -> bool:
    # Amounts of two currencies, or of a purchase and a refund, say nothing about each other.
    return (theirs.currency, theirs.variant) == (ours.currency, ours.variant)


def _told_otherwise(theirs: Theirs, settled: Settled | None, ours: Ours) -> list[Found]:
    is_list_alone = settled is not None and settled.currency == ours.currency != theirs.currency
    otherwise = Cause.RECORDED_OTHERWISE
    is_backed = settled is not None and settled.amount == ours.amount
    alone = Cause.LIST_SAYS_OTHERWISE if is_backed else otherwise
    checks = (
        (
            DifferenceKind.CURRENCY_DIFFERS,
            Cause.LIST_SAYS_OTHERWISE if is_list_alone else otherwise,
            theirs.currency != ours.currency,
        ),
        (
            DifferenceKind.CURRENCY_DIFFERS,
            Cause.BALANCE_SAYS_OTHERWISE,
            settled is not None and settled.currency != ours.currency,
        ),
        (DifferenceKind.VARIANT_DIFFERS, alone, theirs.variant != ours.variant),
        (
            DifferenceKind.CARD_DIFFERS,
            otherwise,
            None not in (theirs.card, ours.card) and theirs.card != ours.card,
        ),
        (
            DifferenceKind.DATE_DIFFERS,
            otherwise,
            ours.happened_at is not None and abs(theirs.happened_at - ours.happened_at) > DATE_TOLERANCE,
        ),
    )
    return _one_of_each([Found(kind, cause) for kind, cause, differs in checks if differs])


def _amounts(theirs: Theirs, settled: Settled | None, ours: Ours) -> list[Found]:
    differs, delta = DifferenceKind.AMOUNT_DIFFERS, _lacking(settled, ours)
    found = []
    if theirs.amount != ours.amount:
        cause = Cause.RECORDED_OTHERWISE if delta else Cause.LIST_SAYS_OTHERWISE
        found.append(Found(differs, cause, delta))
    elif settled is None:
        found.append(Found(DifferenceKind.MISSING_THERE, Cause.NOT_SETTLED, delta))
    elif settled.count > 1:
        found.append(Found(DifferenceKind.DUPLICATED_THERE, Cause.SETTLED_TWICE, delta))
    elif delta:
        found.append(Found(differs, Cause.BALANCE_SAYS_OTHERWISE, delta))
    if ours.posted is None:
        found.append(Found(DifferenceKind.MISSING_HERE, Cause.NOT_POSTED, ours.amount))
    elif ours.posted != ours.amount:
        found.append(Found(differs, Cause.LEDGER_SAYS_OTHERWISE, ours.amount - ours.posted))
    return found


def _late(theirs: Theirs, settled: Settled | None, ours: Ours) -> list[Found]:
    happened_at = settled.first_at if settled else theirs.happened_at
    is_late = ours.posted_at is not None and ours.posted_at - happened_at > LATE
    return [Found(DifferenceKind.LATE, Cause.HEARD_LATE)] if is_late else []


def _hold_kind(held_there: int, held_here: int) -> DifferenceKind:
    if held_there and held_here:
        return DifferenceKind.AMOUNT_DIFFERS
    return DifferenceKind.HOLD_MISSING if held_there else DifferenceKind.HOLD_LEFT_OPEN


def _hold_cause(theirs: Theirs | None, *, is_backed: bool) -> Cause:
    if theirs is None:
        return Cause.NOT_LISTED if is_backed else Cause.UNKNOWN_THERE
    return Cause.LIST_SAYS_OTHERWISE if is_backed else Cause.HOLD_NOT_HEARD


def _one_of_each(found: list[Found]) -> list[Found]:
    # The first cause of a kind is the one that the others follow from.
    return list({each.kind: each for each in reversed(found)}.values())[::-1]
