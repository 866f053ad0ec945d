"""Over every screen: what waits for somebody's word now. The fastest way to say yes or no."""

import asyncio
from datetime import UTC, datetime

import flet as ft

from cardwright_mobile.api.answer_models import ChallengeOutput, QuestionView
from cardwright_mobile.design.pieces import EDGE, Handler, dim, marked, plain_button, solid_button, text
from cardwright_mobile.design.theme import RADIUS
from cardwright_mobile.scope import Scope, use_made, use_scope
from cardwright_mobile.state.deeds import Deed
from cardwright_mobile.text.dates import left_text
from cardwright_mobile.text.money import money


@ft.component
def WaitingForYou() -> ft.Control:
    """The one that ends first, and how many there are beside it."""
    scope = use_scope()
    answers, _ = ft.use_state(scope.answers)
    ft.use_state(scope.deeds)
    use_seconds(scope, is_ticking=bool(answers.challenges))
    waiting = answers.waiting(datetime.now(UTC))
    if not waiting:
        return ft.Container(height=0)
    others = len(waiting) - 1
    more: list[ft.Control] = []
    if others:
        label = scope.words("answers.others", count=others)
        more = [plain_button("others", label, scope.go("/approvals"))]
    asked = ft.Column([question_of(scope, waiting[0]), *more], spacing=4)
    sheet = ft.Container(
        asked, padding=16, border_radius=RADIUS, bgcolor=ft.Colors.SURFACE_CONTAINER,
        border=ft.Border.all(2, ft.Colors.PRIMARY),
        shadow=ft.BoxShadow(
            blur_radius=18, spread_radius=-4, offset=ft.Offset(0, 6), color=ft.Colors.BLACK_26
        ),
    )  # fmt: skip
    return marked(
        "waiting",
        ft.Container(sheet, padding=ft.Padding.only(left=EDGE - 8, right=EDGE - 8, top=8, bottom=8)),
        container=True,
    )


def question_of(scope: Scope, waits: ChallengeOutput | QuestionView) -> ft.Control:
    """Return a question with its answers: a purchase that a shop asks about, or one that we ask about."""
    return _purchase(scope, waits) if isinstance(waits, ChallengeOutput) else _was_it_you(scope, waits)


def use_seconds(scope: Scope, *, is_ticking: bool = True) -> None:
    """Draw a component anew each second, for what runs out."""
    _, set_second = ft.use_state(0)
    turns: list[int] = use_made(lambda: [0])

    async def tick() -> None:
        turns[0] += 1
        mine = turns[0]
        while is_ticking and turns[0] == mine and not scope.is_closed:
            await asyncio.sleep(1)
            # Of a page that nobody looks at, Flet forgets the session, and then draws nothing any more.
            if scope.is_watched:
                set_second(int(datetime.now(UTC).timestamp()))

    def begin() -> None:
        scope.page.run_task(tick)

    def stop() -> None:
        turns[0] += 1

    ft.use_effect(begin, [is_ticking], cleanup=stop)


def _purchase(scope: Scope, challenge: ChallengeOutput) -> ft.Control:
    words, waits_for = scope.words, challenge.id
    last4 = challenge.card.last4
    card = f"{challenge.card.label} · {words('card.ending', last4=last4)}" if last4 else challenge.card.label
    amount = money(challenge.amount, challenge.currency, words.language)
    left = left_text(challenge.expires_at, datetime.now(UTC), words)
    return _asked(
        scope, waits_for, words("answers.purchase"), left, amount, challenge.merchant.name, card,
        yes=("approve", words("answers.approve")), no=("refuse", words("answers.refuse")),
        never=("report", words("answers.report")),
    )  # fmt: skip


def _was_it_you(scope: Scope, question: QuestionView) -> ft.Control:
    words = scope.words
    amount = money(question.amount, question.currency, words.language)
    left = left_text(question.answer_by, datetime.now(UTC), words) if question.answer_by else ""
    card = words("card.ending", last4=question.last4) if question.last4 else ""
    return _asked(
        scope, question.id, words("answers.was_it_you"), left, amount, question.merchant_name, card,
        yes=("yes", words("answers.yes")), no=("no", words("answers.no")),
    )  # fmt: skip


def _asked(
    scope: Scope, waits_for: str, title: str, left: str, amount: str, merchant: str, card: str, *,
    yes: tuple[str, str], no: tuple[str, str], never: tuple[str, str] | None = None,
) -> ft.Control:  # fmt: skip
    is_busy = scope.deeds.doing is not None

    def doing(name: str) -> Handler:
        async def do(_: object) -> None:
            await scope.do(Deed(name, (waits_for,)))
            await scope.ask(scope.answers.read)

        return do

    head = ft.Row(
        [
            ft.Icon(ft.Icons.VERIFIED_USER_OUTLINED, color=ft.Colors.PRIMARY, size=20),
            marked("asked", text(title, 15, is_strong=True), live_region=True, expand=True),
            marked("time-left", dim(left, 14), label=left, exclude_semantics=True),
        ],
        spacing=8,
    )
    what = ft.Row(
        [
            text(amount, 26, is_strong=True),
            ft.Column(
                [
                    text(merchant, 15, is_strong=True, max_lines=1, overflow=ft.TextOverflow.ELLIPSIS),
                    dim(card, max_lines=1, overflow=ft.TextOverflow.ELLIPSIS),
                ],
                spacing=0, expand=True,
            ),
        ],
        spacing=14,
    )  # fmt: skip
    told = marked(
        "purchase", what, label=", ".join(it for it in (amount, merchant, card) if it), exclude_semantics=True
    )
    deeds = ft.Row(
        [
            solid_button(yes[0], yes[1], doing(yes[0]), is_busy=is_busy),
            solid_button(no[0], no[1], doing(no[0]), is_busy=is_busy, is_quiet=True),
        ],
        spacing=10,
    )
    last = [plain_button(never[0], never[1], doing(never[0]), is_warning=True)] if never else []
    return ft.Column([head, told, deeds, *last], spacing=10)
