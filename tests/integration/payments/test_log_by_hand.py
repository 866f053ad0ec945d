"""The log compared with one read by hand: whatever is asked for, by whomever, page after page."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from cardwright.access import Viewer
from cardwright.core.ids import new_id
from cardwright.db.confinement import confine_to_customer, confine_to_program
from cardwright.payments import Merchant, Payment, log, log_queries, store
from cardwright.payments.domain import Element, ElementKind, PaymentStatus
from cardwright.payments.log_filter import LogFilter
from cardwright.payments.note_store import payment_tags
from depth import tries
from integration.payments.stage import Connected

COUNT: Final = 240
SINCE: Final = datetime(2026, 1, 1, tzinfo=UTC)
PROGRAMS: Final = (new_id("prog"), new_id("prog"))
# The last of them is of another program, and pays where the others do.
OWNERS: Final = tuple((new_id("user"), PROGRAMS[number // 3]) for number in range(4))
CARDS: Final = {owner: [new_id("card") for _ in range(3)] for owner, _ in OWNERS}
LAST4S: Final = ("4242", "0042", None)
GROUPS: Final = {"5462": "groceries", "5411": "groceries", "7011": "lodging", "7995": "gambling"}
MERCHANTS: Final = (
    (Merchant("m1", "Bakery", "5462", "US", "Springfield"), new_id("mer")),
    (Merchant("m2", "Bakery 42", "5411", "US", "Bakersfield"), new_id("mer")),
    (Merchant("m3", "Grand Hotel", "7011", "DE", None), new_id("mer")),
    (Merchant("m4", "100%_Sure\\Thing", "7995", "US", "4242 Beach"), new_id("mer")),
    (Merchant("m5", "CAFÉ Ünder", "7011", "FR", "Lyon"), new_id("mer")),
)
TEXTS: Final = (
    "bakery", "ake", "BAK", "grand hotel", "el", "ho", "42", "424", "242", "0042", "4242", "00", "%", "%_",
    "e\\t", "100%", "café", "ünder", "ly", "zz", "nowhere", "field", " 42", "y s", "y 4",
)  # fmt: skip
BECAME: Final[Mapping[PaymentStatus, ElementKind | None]] = {
    PaymentStatus.PENDING: None,
    PaymentStatus.DECLINED: None,
    PaymentStatus.SETTLED: ElementKind.CLEARING,
    PaymentStatus.VOIDED: ElementKind.REVERSAL,
    PaymentStatus.EXPIRED: ElementKind.EXPIRY,
}


def maybe(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(st.none(), values)


INSTANTS: Final = st.integers(-1, 61).map(lambda hours: SINCE + timedelta(hours=hours))
WANTED: Final = st.builds(
    LogFilter,
    text=maybe(st.sampled_from([text for text in TEXTS if len(text.strip()) > 1])),
    tag=maybe(st.sampled_from(["work", "home"])),
    card_id=maybe(st.sampled_from([card for cards in CARDS.values() for card in cards[:2]])),
    merchant_id=maybe(st.sampled_from([merchant_id for _, merchant_id in MERCHANTS])),
    category=maybe(st.sampled_from([*GROUPS, "groceries", "lodging", "fuel"])),
    status=maybe(st.sampled_from(list(PaymentStatus))),
    amount_min=maybe(st.integers(0, 50)),
    amount_max=maybe(st.integers(0, 50)),
    opened_from=maybe(INSTANTS),
    opened_before=maybe(INSTANTS),
)
# All at once would find nothing nearly always.
SOME: Final = st.tuples(WANTED, st.sets(st.sampled_from(sorted(LogFilter.__slots__)), min_size=7)).map(
    lambda drawn: replace(drawn[0], **dict.fromkeys(drawn[1]))
)


def fits(payment: Payment, viewer: Viewer, wanted: LogFilter, tags: Mapping[str, str]) -> bool:
    """Answer as somebody would who reads one payment after the other."""
    totals, mcc = payment.totals, payment.merchant.mcc
    return (
        payment.program_id == viewer.program_id
        and viewer.owner_id in {None, payment.user_id}
        and (wanted.text is None or has_text(payment, wanted.text.strip().lower()))
        and wanted.tag in {None, tags.get(payment.id)}
        and wanted.card_id in {None, payment.card_id}
        and wanted.merchant_id in {None, payment.merchant_id}
        and wanted.category in {None, mcc, GROUPS[mcc]}
        and wanted.status in {None, totals.status}
        and (wanted.amount_min is None or wanted.amount_min <= totals.amount)
        and (wanted.amount_max is None or totals.amount <= wanted.amount_max)
        and (wanted.opened_from is None or wanted.opened_from <= payment.opened_at)
        and (wanted.opened_before is None or payment.opened_at < wanted.opened_before)
    )


def has_text(payment: Payment, text: str) -> bool:
    place = f" {payment.merchant.name} {payment.merchant.city or ''}".lower()
    last4 = f" {payment.last4 or ''}"
    wanted = text if len(text) > 2 else f" {text}"
    return wanted in place or wanted in last4


def a_payment(number: int, draw: random.Random) -> Payment:
    owner, program_id = draw.choice(OWNERS)
    merchant, merchant_id = draw.choice(MERCHANTS)
    status = draw.choice([*PaymentStatus, PaymentStatus.SETTLED])
    amount, opened_at = draw.randrange(1, 50), SINCE + timedelta(hours=draw.randrange(60))
    # Many are opened in the same instant, and their ids alone tell which of them comes first.
    asked = Element(
        1, ElementKind.AUTHORIZATION, amount, f"e{number}", opened_at,
        approved=status is not PaymentStatus.DECLINED,
    )  # fmt: skip
    became = BECAME[status]
    further = () if became is None else (Element(2, became, amount, f"f{number}", opened_at, is_final=True),)
    card = draw.randrange(3)
    payment = Payment(
        id=new_id("pay"), program_id=program_id, user_id=owner, card_id=CARDS[owner][card],
        last4=LAST4S[card], currency="USD", source="stripe", reference=f"iauth_{number}",
        merchant=merchant, channel="ecommerce", opened_at=opened_at, elements=(asked, *further),
        root_card_id=CARDS[owner][card], merchant_id=merchant_id, merchant_group=GROUPS[merchant.mcc],
    )  # fmt: skip
    assert payment.totals.status is status
    return payment


async def written(session: AsyncConnection) -> tuple[list[Payment], dict[str, str]]:
    """Store payments of several holders, newest first as returned, and the tags of some."""
    draw = random.Random(7)  # noqa: S311 - the same payments each time
    made = [a_payment(number, draw) for number in range(COUNT)]
    tags = {payment.id: draw.choice(["work", "home"]) for payment in made[::3]}
    async with session.begin():
        for payment in made:
            await store.insert_payment(session, payment)
            if payment.id in tags:
                whose = {"program_id": payment.program_id, "user_id": payment.user_id}
                row = {"payment_id": payment.id, "tag": tags[payment.id], **whose}
                await session.execute(insert(payment_tags), row)
    return sorted(made, key=lambda payment: (payment.opened_at, payment.id), reverse=True), tags


async def listed(session: AsyncConnection, viewer: Viewer, wanted: LogFilter, *, limit: int) -> Sequence[str]:
    """Every page, as the viewer's own role reads it."""
    found: list[str] = []
    async with session.begin():
        if viewer.owner_id is None:
            await confine_to_program(session, program_id=viewer.program_id, user_id=new_id("user"))
        else:
            await confine_to_customer(session, program_id=viewer.program_id, user_id=viewer.owner_id)
        while True:
            before = found[-1] if found else None
            page = await log.read(session, viewer, wanted, before=before, limit=limit)
            found += [payment.id for payment in page]
            if len(page) < limit:
                return found


@pytest.mark.timeout(600)
def test_the_log_is_what_a_reader_of_all_payments_would_list(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    connected = Connected(database_url)
    payments, tags = connected.run(written(connected.connection))
    viewers = [Viewer(program_id, owner) for owner, program_id in OWNERS]
    viewers += [Viewer(program_id, None) for program_id in PROGRAMS]
    lengths: list[int] = []

    @given(
        viewer=st.sampled_from(viewers), wanted=SOME, limit=st.sampled_from([7, 50, 500]),
        looked_through=st.sampled_from([1, 10, 1_000]),
    )  # fmt: skip
    @settings(max_examples=tries(300), deadline=None, database=None, suppress_health_check=list(HealthCheck))
    def lists_alike(viewer: Viewer, wanted: LogFilter, limit: int, looked_through: int) -> None:
        monkeypatch.setattr(log_queries, "_LOOKED_THROUGH", looked_through)
        right = [payment.id for payment in payments if fits(payment, viewer, wanted, tags)]
        assert connected.run(listed(connected.connection, viewer, wanted, limit=limit)) == right
        lengths.append(len(right))

    try:
        lists_alike()
        assert sum(length > 3 for length in lengths) > len(lengths) / 5
    finally:
        connected.close()
