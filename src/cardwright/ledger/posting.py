"""The movements of money: each runs in the caller's transaction and has one effect per external id.

Locks are taken in one order everywhere: the wallet, then the receivable, then the hold.
"""

from collections.abc import Sequence
from datetime import datetime

from cardwright.core.errors import Conflict
from cardwright.core.money import ensure_minor_units
from cardwright.db.session import Session
from cardwright.db.together import together
from cardwright.ledger import store
from cardwright.ledger.domain import Account, Entry, Hold, Posting, Side, ensure_balanced, split_debit


async def wallet_for_update(session: Session, *, program_id: str, user_id: str, currency: str) -> Account:
    """Return a cardholder's wallet, opened on first use and locked until the transaction ends."""
    return await store.owned_for_update(
        session, program_id=program_id, code="wallet", owner_id=user_id, currency=currency
    )


async def post(
    session: Session, *, lines: Sequence[Posting], kind: str, external_id: str, at: datetime,
    payment_id: str | None = None, approval_id: str | None = None, reverses_id: str | None = None,
) -> Entry:  # fmt: skip
    """Post a balanced entry, or return the one already posted under this external id of the program."""
    ensure_balanced(lines)
    account = lines[0].account
    entry_id = await store.insert_entry(
        session, program_id=account.program_id, kind=kind, external_id=external_id,
        currency=account.currency, payment_id=payment_id, at=at,
        approval_id=approval_id, reverses_id=reverses_id,
    )  # fmt: skip
    if entry_id is None:
        return await store.get_entry(session, account.program_id, external_id)
    await store.insert_postings(session, entry_id, lines)
    return Entry(entry_id, kind, external_id, account.currency, at, was_posted_now=True)


async def credit_wallet(
    session: Session, *, program_id: str, user_id: str, currency: str, amount: int, contra: str, kind: str,
    external_id: str, at: datetime, payment_id: str | None = None,
) -> Entry:  # fmt: skip
    """Credit a cardholder from a shared account; what is owed from earlier is repaid first."""
    wallet = await wallet_for_update(session, program_id=program_id, user_id=user_id, currency=currency)
    before = await store.find_entry(session, program_id, external_id)
    if before is not None:
        return before
    receivable = await _receivable_for_update(session, wallet)
    repaid = min(amount, receivable.posted_balance)
    return await post(
        session, kind=kind, external_id=external_id, at=at, payment_id=payment_id,
        lines=_lines(
            (await _shared(session, contra, wallet), Side.DEBIT, amount),
            (receivable, Side.CREDIT, repaid),
            (wallet, Side.CREDIT, amount - repaid),
        ),
    )  # fmt: skip


async def debit_wallet(
    session: Session, *, wallet: Account, amount: int, contra: str, kind: str, external_id: str,
    at: datetime, payment_id: str | None = None,
) -> Entry:  # fmt: skip
    """Debit a locked wallet to a shared account, whatever it holds: what it lacks becomes a receivable."""
    covered, owed = split_debit(amount, wallet.available_balance)
    return await post(
        session, kind=kind, external_id=external_id, at=at, payment_id=payment_id,
        lines=_lines(
            (wallet, Side.DEBIT, covered),
            (await _receivable_for_update(session, wallet), Side.DEBIT, owed),
            (await _shared(session, contra, wallet), Side.CREDIT, amount),
        ),
    )  # fmt: skip


async def move_between_shared(
    session: Session, *, program_id: str, currency: str, amount: int, debit: str, credit: str, kind: str,
    external_id: str, at: datetime, payment_id: str | None = None,
) -> Entry:  # fmt: skip
    """Move money from one account of the program to another, both shared; nobody's wallet changes."""
    debited, credited = [
        await _owned(session, code, program_id, program_id, currency) for code in (debit, credit)
    ]
    return await post(
        session, kind=kind, external_id=external_id, at=at, payment_id=payment_id,
        lines=_lines((debited, Side.DEBIT, amount), (credited, Side.CREDIT, amount)),
    )  # fmt: skip


async def place_hold(
    session: Session, wallet: Account, *, payment_id: str, amount: int, expires_at: datetime
) -> Account:
    """Set money aside for a payment, in addition to what is held for it already; return the wallet.

    Raises Conflict `funds_insufficient` when the available balance does not cover it.
    """
    if not 0 < ensure_minor_units(amount) <= wallet.available_balance:
        raise Conflict("funds_insufficient", "The available balance does not cover the hold.")
    moved, _ = await together(
        session,
        store.move(session, wallet, held=amount),
        store.add_to_hold(session, wallet, payment_id=payment_id, amount=amount, expires_at=expires_at),
    )
    return moved


async def release_hold(session: Session, wallet: Account, *, payment_id: str, amount: int) -> Account:
    """Give held money back to a locked wallet, at most what remains; return the wallet."""
    hold = await store.find_hold_for_update(session, payment_id)
    released = min(amount, hold.remaining) if hold is not None else 0
    if hold is None or released <= 0:
        return wallet
    await store.change_hold(session, hold, by=-released)
    return await store.move(session, wallet, held=-released)


async def capture_hold(
    session: Session, wallet: Account, *, payment_id: str, amount: int, release: int, contra: str,
    kind: str, external_id: str, at: datetime,
) -> Account:  # fmt: skip
    """Turn held money into a posted debit: release `release` of the hold and debit `amount`, in one step.

    The two differ when a clearing is higher, lower or final. An external id posted before changes nothing.
    """
    if await store.find_entry(session, wallet.program_id, external_id) is not None:
        return wallet
    wallet = await release_hold(session, wallet, payment_id=payment_id, amount=release)
    await debit_wallet(
        session, wallet=wallet, amount=amount, contra=contra, kind=kind, external_id=external_id, at=at,
        payment_id=payment_id,
    )  # fmt: skip
    return await store.account_for_update(session, wallet.id)


async def find_hold(session: Session, payment_id: str) -> Hold | None:
    """Return the hold of a payment; it changes only under the lock of its wallet."""
    return await store.find_hold(session, payment_id)


async def _owned(session: Session, code: str, program_id: str, owner_id: str, currency: str) -> Account:
    return await store.ensure_account(
        session, program_id=program_id, code=code, owner_id=owner_id, currency=currency
    )


async def _receivable_for_update(session: Session, wallet: Account) -> Account:
    return await store.owned_for_update(
        session, program_id=wallet.program_id, code="receivable", owner_id=wallet.owner_id,
        currency=wallet.currency,
    )  # fmt: skip


async def _shared(session: Session, code: str, wallet: Account) -> Account:
    return await _owned(session, code, wallet.program_id, wallet.program_id, wallet.currency)


def _lines(*movements: tuple[Account, Side, int]) -> list[Posting]:
    return [Posting(account, side, amount) for account, side, amount in movements if amount]
