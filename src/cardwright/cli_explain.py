"""The commands `cardwright explain` and `preflight`: why it was so decided, what would be decided."""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Annotated, Any, Final, Literal, TypeVar

import typer
from rich.markup import escape
from rich.table import Table

from cardwright import audit, cards, payments, wiring
from cardwright.core.clock import SystemClock
from cardwright.core.errors import NotFound
from cardwright.core.money import Money
from cardwright.db.session import Session, transaction
from cardwright.payments import Explained, Merchant, Supposed, show_decision, show_verdict
from cardwright.settings import KeySettings
from cardwright.terminal import DatabaseOption, console, explained, in_transaction

T = TypeVar("T")
_OPERATOR: Final = "operator"
WOULD_DECLINE: Final = 3
"""The exit code that tells a declined purchase from a command that failed."""
Channel = Literal["ecommerce", "in_person", "wallet", "atm"]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON, as the API shows it to staff.")]


def _four_digits(mcc: str) -> str:
    if re.fullmatch("[0-9]{4}", mcc) is None:
        raise typer.BadParameter("four digits, such as 5462")
    return mcc


def _two_letters(country: str) -> str:
    if re.fullmatch("[A-Z]{2}", country) is None:
        raise typer.BadParameter("two capital letters, such as US")
    return country


def _minor_units(amount: str) -> int:
    if re.fullmatch("[1-9][0-9]{0,14}", amount) is None:
        raise typer.BadParameter("whole minor units in digits alone, such as 1250")
    return int(amount)


def explain(
    subject_id: Annotated[
        str, typer.Argument(metavar="PAYMENT_OR_DECISION_ID", help="Such as pay_… or dec_….")
    ],
    database: DatabaseOption,
    as_json: JsonOption = False,
) -> None:
    """Show every check of a payment's decisions, or of one decision, with the numbers it looked at."""
    with explained("Not explained"):
        do = partial(_explained, subject_id=subject_id)
        found = asyncio.run(in_transaction(database, "Looking", do))
    shown = [show_decision(decision, is_staff=True).model_dump(mode="json") for decision in found.decisions]
    if as_json:
        payment_id = found.payment and found.payment.id
        typer.echo(json.dumps({"payment_id": payment_id, "decisions": shown}, ensure_ascii=False))
        return
    if found.payment is not None:
        _show_payment(found)
    if not shown:
        console.print("Nothing was decided about it: the network took the money without asking.")
    for decision in shown:
        _show_verdict(f"{decision['id']} by {decision['decided_by']}, {decision['decided_at']}", decision)


def preflight(
    card_id: Annotated[str, typer.Argument(metavar="CARD_ID", help="Such as card_….")],
    amount: Annotated[
        int, typer.Argument(parser=_minor_units, help="In minor units, such as 1250 for 12.50 USD.")
    ],
    merchant: Annotated[str, typer.Option(help="The merchant's name on statements.")],
    mcc: Annotated[
        str, typer.Option(help="Its category code of ISO 18245, such as 5462.", callback=_four_digits)
    ],
    country: Annotated[str, typer.Option(help="Its country, ISO 3166 alpha-2.", callback=_two_letters)],
    acceptor: Annotated[str, typer.Option(help="The network's id of the merchant.")] = "",
    currency: Annotated[str | None, typer.Option(help="ISO 4217; otherwise the card's.")] = None,
    channel: Annotated[Channel, typer.Option(help="How the card would be presented.")] = "ecommerce",
    as_json: JsonOption = False,
) -> None:
    """Show what a purchase made now would be answered; nothing is held. Exits with 3 when declined."""
    where = Merchant(acceptor, merchant, mcc, country, None)
    with explained("Not tried"):
        do = partial(
            _supposed, card_id=card_id, amount=amount, currency=currency, merchant=where, channel=channel
        )
        verdict = asyncio.run(_with_keys(do))
    if as_json:
        typer.echo(json.dumps(verdict, ensure_ascii=False))
    else:
        _show_verdict(f"{merchant}, made now", verdict)
    if verdict["outcome"] != "approved":
        raise typer.Exit(WOULD_DECLINE)


async def _explained(session: Session, *, subject_id: str) -> Explained:
    found = await payments.explain(session, subject_id)
    owner = {} if found.payment is None else {"owner_id": found.payment.user_id}
    seen = subject_id if found.payment is None else found.payment.id
    at = SystemClock().now()
    await audit.record(session, _OPERATOR, found.program_id, "payment.read", seen, owner, at)
    return found


async def _with_keys(do: Callable[[Session], Awaitable[T]]) -> T:
    # A decision looks at what is sealed, so that the environment must say with which keys.
    settings = KeySettings()
    engine = wiring.make_engine(settings, wiring.make_keyring(settings))
    try:
        async with transaction(engine) as session:
            return await do(session)
    finally:
        await engine.dispose()


async def _supposed(
    session: Session, *, card_id: str, amount: int, currency: str | None, merchant: Merchant, channel: str
) -> dict[str, Any]:
    card = await cards.find_card(session, card_id)
    if card is None:
        raise NotFound("card_unknown", "There is no such card.")
    asked = Money(amount, currency or card.currency)
    at = SystemClock().now()
    details = {"owner_id": card.user_id}
    await audit.record(session, _OPERATOR, card.program_id, "card.read", card.id, details, at)
    supposed = Supposed(asked.amount, asked.currency, merchant, channel)
    decision = await payments.preflight(session, card, supposed, at=at)
    return show_verdict(decision, is_staff=True).model_dump(mode="json")


def _show_payment(found: Explained) -> None:
    payment = found.payment
    assert payment is not None  # noqa: S101 - asked before
    totals = payment.totals
    amount = Money(totals.amount, payment.currency)
    console.print(
        f"{payment.id}: {amount} at {escape(payment.merchant.name)}, {totals.status}", highlight=False
    )


def _show_verdict(title: str, verdict: dict[str, Any]) -> None:
    table = Table("", "check", "why", "would pass", title=escape(title))
    for check in verdict["checks"]:
        mark = "[green]✓[/]" if check["passed"] else "[red]✗[/]"
        why = [check["explanation"], *([check["detail"]] if check["detail"] else [])]
        table.add_row(mark, check["name"], escape("\n".join(why)), escape(check["would_pass"] or ""))
    console.print(table)
    reason = f" ({verdict['reason_code']}, response {verdict['response_code']})"
    approved = verdict["outcome"] == "approved"
    console.print(
        f"{'[green]✓[/]' if approved else '[red]✗[/]'} {verdict['outcome']}"
        f"{'' if approved else reason}, by rulebook {verdict['rulebook_version']}"
    )
