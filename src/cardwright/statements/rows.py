"""A statement as rows of CSV: for bookkeeping, so with plain decimals and instants with their zone."""

from collections.abc import Iterator

from cardwright.core.money import decimal_text
from cardwright.http.spreadsheets import Cell, Number, rows_of
from cardwright.statements.domain import Statement
from cardwright.statements.writing import Writer

_COLUMNS = (
    "posted_at", "kind", "description", "details", "card_last4", "amount", "currency", "balance_after",
    "charged_amount", "charged_currency", "payment_id", "entry_id",
)  # fmt: skip


def csv_of(statement: Statement) -> str:
    """Return a statement as CSV: the opening balance, every posting, the closing balance, what is held."""
    return rows_of(_rows(statement))


def _rows(statement: Statement) -> Iterator[tuple[Cell, ...]]:
    writer, zone, currency = Writer.of(statement), statement.period.zone, statement.currency

    def money(amount: int, named: str = currency) -> Number:
        return Number(decimal_text(amount, named))

    def figure(kind: str, at: str, what: str, balance: int) -> tuple[Cell, ...]:
        return (at, kind, what, None, None, None, currency, money(balance), None, None, None, None)

    yield _COLUMNS
    begins, ends = (
        at.astimezone(zone).isoformat() for at in (statement.period.since, statement.period.until)
    )
    yield figure("opening", begins, writer.word("opening"), statement.opening)
    for line in statement.lines:
        charged = line.charged and (money(*line.charged), line.charged[1])
        yield (
            line.at.astimezone(zone).isoformat(), line.kind, writer.what(line), writer.details(line),
            line.last4, money(line.amount), currency, money(line.balance), *(charged or (None, None)),
            line.payment_id, line.entry_id,
        )  # fmt: skip
    yield figure("closing", ends, writer.word("closing"), statement.closing)
    for hold in statement.holds:
        yield (
            hold.at.astimezone(zone).isoformat(), "held", hold.text, writer.word("held"), hold.last4,
            money(-hold.amount), currency, None, None, None, hold.payment_id, None,
        )  # fmt: skip
    yield figure("available", ends, writer.word("available"), statement.available)
