"""Photograph every page of the web app in a made-up world: phone to wide screen, light and dark.

PYTHONPATH=tests:tools python -m screenshots FOLDER --language ar --width 390 --only console-rules
"""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from playwright.sync_api import Browser, sync_playwright
from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from cardwright.demo.stack import Addresses, running_stack
from optional import find_chromium
from screenshots.camera import LANGUAGES, Look, Scheme, go, looks, opened, overflow, settle, take
from screenshots.pages import Sitting, sittings
from screenshots.world import World, make_world
from web.conftest import ARGUMENTS, BUILT, enter

WIDTHS = (390, 1024, 1600)
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
console = Console()


def main(
    folder: Annotated[Path, typer.Argument(help="Where the pictures go.")],
    language: Annotated[str, typer.Option(help=f"One of {', '.join(LANGUAGES)}.")] = "en",
    width: Annotated[list[int], typer.Option(help="How wide; may be given again.")] = list(WIDTHS),  # noqa: B006
    scheme: Annotated[list[str], typer.Option(help="light, dark or both.")] = list(SCHEMES),  # noqa: B006
    only: Annotated[str, typer.Option(help="Only pages whose name has this in it.")] = "",
    sharp: Annotated[float, typer.Option(help="Points of the picture to one of the page.")] = 1.5,
) -> None:
    """Start everything, make the world, take the pictures."""
    if language not in LANGUAGES or not set(scheme) <= set(SCHEMES):
        raise typer.BadParameter(f"languages are {', '.join(LANGUAGES)}, schemes {', '.join(SCHEMES)}")
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("DATABASE_URL", "REDIS_URL"):
        os.environ.pop(name, None)
    chosen = looks(width, [it for it in SCHEMES if it in scheme], language, sharp)
    ports = {"api_port": 0, "simulator_port": 0, "smtp_port": 0}
    with (
        tempfile.TemporaryDirectory() as data,
        running_stack(Path(data), tell=console.status, web=BUILT, **ports) as (where, _),
    ):
        world = make_world(where, console.status)
        photograph(where, world, chosen, folder, only)
    console.print(f"{len(list(folder.glob('*.png')))} pictures in {folder}")


def photograph(where: Addresses, world: World, chosen: list[Look], folder: Path, only: str) -> None:
    """Take every page that was asked for in every look, and tell of each that is wider than its window."""
    asked = [
        Sitting(sitting.who, [shot for shot in sitting.shots if only in shot.name])
        for sitting in sittings(world)
    ]
    columns = (TextColumn("{task.description}"), MofNCompleteColumn(), TimeRemainingColumn())
    with sync_playwright() as playwright, Progress(*columns, console=console) as progress:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=list(ARGUMENTS))
        task = progress.add_task("", total=len(chosen) * sum(len(sitting.shots) for sitting in asked))
        for look in chosen:
            for sitting in asked:
                for name in _take_all(browser, where, sitting, look, folder):
                    progress.update(task, advance=1, description=f"{name} {look.ending}")
        browser.close()


def _take_all(
    browser: Browser, where: Addresses, sitting: Sitting, look: Look, folder: Path
) -> Iterator[str]:
    """Take what somebody sees in one look, yielding the name of each page that is done."""
    with opened(browser, where, look) as context:
        if sitting.who is not None:
            enter(context, sitting.who, where)
        page = context.new_page()
        for shot in sitting.shots:
            go(page, shot.path)
            shot.act(page)
            settle(page)
            take(page, folder / f"{shot.name}-{look.ending}.png")
            if wider := overflow(page):
                console.print(f"{shot.name} {look.ending} is {wider} points wider than its window")
            yield shot.name


if __name__ == "__main__":
    typer.run(main)
