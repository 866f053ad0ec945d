"""Everything that waits for somebody's word, and what was said before."""

from dataclasses import dataclass
from datetime import UTC, datetime

import flet as ft

from cardwright_mobile.api.answer_models import ChallengeOutput, QuestionView
from cardwright_mobile.design.pieces import (
    dim,
    empty,
    heading,
    marked,
    panel,
    placeholder,
    rows,
    stale,
    text,
    trouble,
)
from cardwright_mobile.frame import inner_view
from cardwright_mobile.scope import Scope, use_following, use_scope
from cardwright_mobile.state.answers import is_open
from cardwright_mobile.text.dates import moment_text
from cardwright_mobile.text.money import money
from cardwright_mobile.waiting import question_of, use_seconds

_PLACE = "/approvals"
_BAD = frozenset({"reported", "no"})


@ft.component
def Approvals() -> ft.View:
    """The list behind what is shown over other screens."""
    scope = use_scope()
    answers, _ = ft.use_state(scope.answers)
    ft.use_state(scope.deeds)
    use_following(scope, answers.read)
    use_seconds(scope, is_ticking=bool(answers.challenges))
    words, title = scope.words, scope.words("answers.title")

    async def retry(_: object) -> None:
        await scope.ask(answers.read)

    if not answers.is_ready:
        inner = trouble(words, answers, retry) if answers.trouble else placeholder(words, 160, 72, 72)
        return inner_view(scope, _PLACE, title, inner, is_asking_itself=True)
    now = datetime.now(UTC)
    wrong = stale(words, scope.zone, answers)
    asked: list[ft.Control] = [
        marked(f"asked-{it.id}", panel(question_of(scope, it)), container=True) for it in answers.waiting(now)
    ]
    nothing = empty(ft.Icons.VERIFIED_USER_OUTLINED, words("answers.none"), words("answers.none_text"))
    past = _past(scope, now)
    earlier = [heading(words("answers.past")), rows([_line(scope, it, now) for it in past])] if past else []
    return inner_view(scope, _PLACE, title, *wrong, *(asked or [nothing]), *earlier, is_asking_itself=True)


@dataclass(frozen=True, slots=True)
class _Said:
    id: str
    amount: int
    currency: str
    merchant: str
    at: datetime
    outcome: str


def _past(scope: Scope, now: datetime) -> list[_Said]:
    answers = scope.answers
    said = [_of_challenge(it) for it in answers.challenges if not is_open(it, now)]
    said += [_of_question(it) for it in answers.questions if not it.can_answer]
    return sorted(said, key=lambda it: it.at, reverse=True)


def _of_challenge(it: ChallengeOutput) -> _Said:
    ended = it.decision or ("canceled" if it.state == "canceled" else "expired")
    outcome = "reported" if it.is_fraud_reported else ended
    return _Said(it.id, it.amount, it.currency, it.merchant.name, it.decided_at or it.created_at, outcome)


def _of_question(it: QuestionView) -> _Said:
    at = it.answered_at or it.asked_at or datetime.min.replace(tzinfo=UTC)
    return _Said(it.id, it.amount, it.currency, it.merchant_name, at, it.answer or "unanswered")


def _line(scope: Scope, said: _Said, now: datetime) -> ft.Control:
    words = scope.words
    amount = money(said.amount, said.currency, words.language)
    when = moment_text(said.at, now, scope.account.zone, words)
    outcome = words.of("said", said.outcome)
    colour = ft.Colors.ERROR if said.outcome in _BAD else ft.Colors.ON_SURFACE_VARIANT
    line = ft.Row(
        [
            ft.Column([text(said.merchant, 15, is_strong=True), dim(when)], spacing=2, expand=True),
            ft.Column(
                [text(amount, 15, is_strong=True), text(outcome, 13, color=colour)],
                spacing=2, horizontal_alignment=ft.CrossAxisAlignment.END,
            ),
        ],
        spacing=12,
    )  # fmt: skip
    label = f"{said.merchant}, {amount}, {outcome}, {when}"
    return marked(f"said-{said.id}", ft.Container(line, padding=14), label=label, exclude_semantics=True)
