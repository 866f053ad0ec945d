"""Documents that are handed over here: by the camera or by a file, then submitted."""

from typing import Any, Final

import flet as ft

from cardwright_mobile.api.person_models import DocumentView, StandingOutput
from cardwright_mobile.design.fields import pick_field
from cardwright_mobile.design.pieces import (
    LEAST_TOUCH,
    dim,
    heading,
    marked,
    named_button,
    panel,
    primary_button,
    reason,
    rows,
    solid_button,
    text,
)
from cardwright_mobile.device.documents import open_camera, pick, shoot, viewfinder
from cardwright_mobile.scope import Scope, use_made
from cardwright_mobile.state.identity import DOCUMENT_KINDS
from cardwright_mobile.state.identity import Identity as State
from cardwright_mobile.text.dates import day_text

_FACE: Final = "selfie"
_SIGHT: Final = 300


@ft.component
def Documents(scope: Scope, state: State) -> ft.Control:
    """What is wanted, what is there, and what may be added while it may."""
    ft.use_state(state)
    standing, words = state.standing, scope.words
    assert standing is not None  # noqa: S101 - the screen waits for it

    async def submit(_: object) -> None:
        await scope.ask(state.submit)

    parts: list[ft.Control] = [heading(words("documents.title"))]
    if standing.can_submit:
        parts.append(_wanted(scope, standing))
    if state.documents:
        parts.append(rows([_document(scope, state, it, standing) for it in state.documents]))
    if standing.can_submit:
        parts.append(_Add(scope, state))
        if state.kept:
            parts.append(
                primary_button("submit", words("documents.submit"), submit, is_busy=state.is_sending)
            )
    return ft.Column(parts, spacing=16)


def _wanted(scope: Scope, standing: StandingOutput) -> ft.Control:
    words = scope.words
    lines: list[ft.Control] = []
    if standing.message:
        lines.append(marked("we-say", text(f"{words('documents.we_say')}: {standing.message}", 15)))
    if standing.missing:
        lines.append(text(words("documents.wanted"), 15, is_strong=True))
        lines += [text(f"• {words.of('kind_of_document', it)}", 15) for it in standing.missing]
    else:
        lines.append(dim(words("documents.text"), 15))
    return panel(ft.Column(lines, spacing=6))


def _document(scope: Scope, state: State, it: DocumentView, standing: StandingOutput) -> ft.Control:
    words, zone = scope.words, scope.account.zone
    name = words.of("kind_of_document", it.kind)
    kept_until = day_text(it.keep_until.astimezone(zone).date(), words, with_year=True)
    told = words("documents.until", day=kept_until)
    if it.erased_at is not None:
        told = words("documents.erased", day=day_text(it.erased_at.astimezone(zone).date(), words))

    async def remove(_: object) -> None:
        if not await scope.ask(lambda client: state.remove(client, it.id)):
            scope.tell(reason(words, state, is_deed=True), is_wrong=True)

    named = marked(
        f"document-{it.kind}", ft.Column([text(name, 15, is_strong=True), dim(told)], spacing=2),
        label=f"{name}, {told}", exclude_semantics=True, expand=True,
    )  # fmt: skip
    parts: list[ft.Control] = [ft.Icon(ft.Icons.TASK_OUTLINED, color=ft.Colors.PRIMARY), named]
    if standing.can_submit and it.erased_at is None:
        button = ft.IconButton(
            ft.Icons.DELETE_OUTLINE, on_click=remove, width=LEAST_TOUCH, height=LEAST_TOUCH,
            icon_color=ft.Colors.ERROR,
        )  # fmt: skip
        label = words("documents.remove", name=name)
        parts.append(named_button(f"remove-{it.kind}", button, label, remove))
    return ft.Container(ft.Row(parts, spacing=14), padding=16)


@ft.component
def _Add(scope: Scope, state: State) -> ft.Control:
    ft.use_state(state)
    words, standing = scope.words, state.standing
    missing = standing.missing if standing else ()
    chosen, set_chosen = ft.use_state("")
    is_looking, set_looking = ft.use_state(False)
    there = {it.kind for it in state.kept}
    kind = chosen or next((it for it in missing if it not in there), DOCUMENT_KINDS[0])
    name = words.of("kind_of_document", kind)

    async def take(content: bytes | None) -> None:
        set_looking(False)
        if content is None:
            return
        if await scope.ask(lambda client: state.add(client, kind, content)):
            set_chosen("")
            scope.tell(words("documents.added", name=name))
        elif state.trouble == "document_too_large":
            scope.tell(words("documents.large"), is_wrong=True)
        elif state.trouble:
            scope.tell(reason(words, state, is_deed=True), is_wrong=True)

    async def choose_file(_: object) -> None:
        await take(await pick())

    def look(_: object) -> None:
        set_looking(True)

    if is_looking:
        return _Camera(scope, kind, take)
    options = [(it, words.of("kind_of_document", it)) for it in DOCUMENT_KINDS]
    is_busy = state.is_sending
    return ft.Column(
        [
            pick_field("kind", words("documents.kind"), options, kind, set_chosen),
            ft.Row(
                [
                    solid_button("photo", words("documents.photo"), look, is_busy=is_busy),
                    solid_button(
                        "file", words("documents.file"), choose_file, is_busy=is_busy, is_quiet=True
                    ),
                ],
                spacing=10,
            ),
            dim(words("documents.sending" if is_busy else "documents.hint"), 13),
        ],
        spacing=12,
    )


@ft.component
def _Camera(scope: Scope, kind: str, taken: Any) -> ft.Control:
    words = scope.words
    camera: Any = use_made(viewfinder)

    async def begin() -> None:
        if not await open_camera(camera, is_for_a_face=kind == _FACE):
            scope.tell(words("documents.no_camera"), is_wrong=True)
            await taken(None)

    def opening() -> None:
        scope.page.run_task(begin)

    ft.use_effect(opening, [])

    async def take(_: object) -> None:
        content = await shoot(camera)
        if content is None:
            scope.tell(words("documents.no_camera"), is_wrong=True)
        await taken(content)

    async def close(_: object) -> None:
        await taken(None)

    sight = ft.Container(
        camera, height=_SIGHT, border_radius=18, clip_behavior=ft.ClipBehavior.ANTI_ALIAS,
        bgcolor=ft.Colors.BLACK,
    )  # fmt: skip
    return ft.Column(
        [
            text(words.of("kind_of_document", kind), 16, is_strong=True),
            marked("viewfinder", sight),
            ft.Row(
                [
                    solid_button("shoot", words("documents.shoot"), take),
                    solid_button("close-camera", words("documents.close"), close, is_quiet=True),
                ],
                spacing=10,
            ),
        ],
        spacing=12,
    )
