"""A statement as pages of PDF, to be read, printed and kept."""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import font_roboto
from fpdf import FPDF
from fpdf.enums import XPos, YPos

from cardwright.statements.domain import Line, OpenHold, Statement
from cardwright.statements.writing import Writer

_FONTS: Final = Path(font_roboto.font_directory)
# Millimetres of an A4 page; letter is a little wider and is given the same text.
_MARGIN: Final = 18
_WIDTH: Final = 210 - 2 * _MARGIN
_BOTTOM: Final = 24
_DATE: Final = 27
_FIGURE: Final = 33
_ROW: Final = 10.5
_PLAIN_ROW: Final = 7.5
_INK: Final = (28, 32, 38)
_SOFT: Final = (105, 112, 122)
_RULE: Final = (214, 219, 226)
_TINT: Final = (244, 246, 249)
_ACCENT: Final = (24, 78, 140)
_INCOMING: Final = (21, 112, 74)

# A merchant's name in a script that the font lacks is no news for the log.
logging.getLogger("fpdf").setLevel(logging.ERROR)
logging.getLogger("fontTools").setLevel(logging.ERROR)


def pdf_of(statement: Statement) -> bytes:
    """Return a statement's pages. It works for as long as there are lines: call it outside of the loop."""
    pages = _Pages(statement, Writer.of(statement))
    pages.add_page()
    pages.head()
    pages.summary()
    pages.movements(statement.lines)
    pages.held(statement.holds)
    pages.remarks()
    return bytes(pages.output())


class _Pages(FPDF):
    """The pages of one statement, from top to bottom."""

    def __init__(self, statement: Statement, writer: Writer) -> None:
        super().__init__(unit="mm", format="A4")
        self._statement, self._writer = statement, writer
        self.add_font("text", "", _FONTS / "Roboto-Regular.ttf")
        self.add_font("text", "B", _FONTS / "Roboto-Medium.ttf")
        self.add_font("title", "", _FONTS / "Roboto-Light.ttf")
        self.set_margins(_MARGIN, _MARGIN)
        self.set_auto_page_break(False)
        self.set_title(f"{writer.word('title')} {statement.period.first} - {statement.period.last}")
        self.set_author(statement.program_name)
        self.set_lang(writer.locale.language)
        self.set_creation_date(statement.made_at)

    def header(self) -> None:
        """Begin a page: a bar over it, and from the second on whose statement it is."""
        self.set_fill_color(*_ACCENT)
        self.rect(0, 0, self.w, 3, style="F")
        self.set_y(12)
        if self.page_no() > 1:
            period = self._period()
            self._ink(8, colour=_SOFT)
            self.cell(_WIDTH / 2, 5, self._cut(self._statement.program_name, _WIDTH / 2))
            self.cell(_WIDTH / 2, 5, period, align="R")
            self.set_y(22)

    def footer(self) -> None:
        """End a page: when it was made, and which of how many it is."""
        self.set_y(-15)
        self._rule()
        self.ln(2)
        self._ink(7, colour=_SOFT)
        at = self._statement.made_at
        made = self._writer.word(
            "made", instant=self._writer.instant(at), zone=self._writer.zone_name(at)
        )  # fmt: skip
        self.cell(_WIDTH - 30, 4, made)
        # The number of pages is filled in at the end and is narrower than what stands for it until then.
        narrower = self.get_string_width("{nb}") - self.get_string_width("0")
        numbered = self._writer.word("page", page=self.page_no(), pages="{nb}")
        self.cell(30 + narrower, 4, numbered, align="R")

    def head(self) -> None:
        """Who made the statement, for whom, and of when."""
        statement, writer = self._statement, self._writer
        self._ink(14, "B", colour=_ACCENT)
        self.cell(_WIDTH / 2, 9, self._cut(statement.program_name, _WIDTH / 2))
        self.set_font("title", "", 20)
        self.set_text_color(*_INK)
        self.cell(_WIDTH / 2, 9, writer.word("title"), align="R", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.ln(10)
        top = self.get_y()
        self._ink(10, "B")
        self._line(self._cut(statement.holder_name, _WIDTH / 2), 5.2)
        self._ink(10)
        for part in statement.address:
            self._line(self._cut(part, _WIDTH / 2), 5.2)
        below = self.get_y()
        self.set_y(top)
        self._pair(writer.word("period"), self._period())
        if statement.is_provisional:
            self._ink(9, colour=_SOFT)
            self.cell(_WIDTH, 5.2, writer.word("provisional"), align="R", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.set_y(max(below, self.get_y()) + 10)

    def summary(self) -> None:
        """The figures of the period, in a row that adds up."""
        statement, writer = self._statement, self._writer
        figures = (
            ("opening", statement.opening), ("in", statement.money_in), ("out", -statement.money_out),
            ("closing", statement.closing),
        )  # fmt: skip
        width, top = _WIDTH / len(figures), self.get_y()
        self.set_fill_color(*_TINT)
        self.rect(_MARGIN, top, _WIDTH, 19, style="F")
        for number, (name, amount) in enumerate(figures):
            self.set_xy(_MARGIN + number * width + 4, top + 3.5)
            self._ink(8, colour=_SOFT)
            self.cell(width - 6, 5, writer.word(name))
            self.set_xy(_MARGIN + number * width + 4, top + 9)
            self._ink(12, "B")
            self._fitted(writer.money(amount), width - 6, 12, "L")
        self.set_xy(_MARGIN, top + 26)

    def movements(self, lines: Sequence[Line]) -> None:
        """Every posting with the balance after it."""
        writer = self._writer
        self._columns()
        self._row(writer.day(self._statement.period.first), writer.word("opening"), "", None,
                  self._statement.opening, bold=True)  # fmt: skip
        for line in lines:
            self._row(writer.day(line.at), writer.what(line), writer.details(line), line.amount, line.balance)
        if not lines:
            self._row("", writer.word("none"), "", None, None)
        self._row(writer.day(self._statement.period.last), writer.word("closing"), "", None,
                  self._statement.closing, bold=True)  # fmt: skip

    def held(self, holds: Sequence[OpenHold]) -> None:
        """What is set aside at the end, and what that leaves."""
        if not holds:
            return
        writer = self._writer
        self._make_room(34)
        self.ln(9)
        self._ink(11, "B")
        self._line(writer.word("holds"), 6)
        self._ink(8, colour=_SOFT)
        self.multi_cell(_WIDTH, 4, writer.word("holds_note"), new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.ln(2)
        self._rule()
        for number, hold in enumerate(holds, 1):
            if number == len(holds):
                self._make_room(_ROW + 2 * _PLAIN_ROW)
            card = writer.word("card", last4=hold.last4) if hold.last4 else ""
            self._row(writer.day(hold.at), hold.text, card, None, hold.amount)
        self._row("", writer.word("held"), "", None, self._statement.held, bold=True)
        self._row("", writer.word("available"), "", None, self._statement.available, bold=True)

    def remarks(self) -> None:
        """What a balance below zero means, where there is one."""
        if min(self._statement.opening, self._statement.closing) >= 0:
            return
        self._make_room(14)
        self.ln(5)
        self._ink(8, colour=_SOFT)
        self.multi_cell(_WIDTH, 4, self._writer.word("owed_note"))

    def _columns(self) -> None:
        word = self._writer.word
        self._ink(8, colour=_SOFT)
        self.cell(_DATE, 6, word("date"))
        self.cell(_WIDTH - _DATE - 2 * _FIGURE, 6, word("description"))
        self.cell(_FIGURE, 6, word("amount"), align="R")
        self.cell(_FIGURE, 6, word("balance"), align="R", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self._rule()

    def _row(
        self, day: str, what: str, details: str, amount: int | None, balance: int | None, *,
        bold: bool = False,
    ) -> None:  # fmt: skip
        height = _ROW if details else _PLAIN_ROW
        if self._make_room(height):
            self._columns()
        top, style, wide = self.get_y(), "B" if bold else "", _WIDTH - _DATE - 2 * _FIGURE - 3
        self._ink(9, style)
        self.set_xy(_MARGIN, top + 1.4)
        self.cell(_DATE, 4.8, day)
        self.cell(wide, 4.8, self._cut(what, wide))
        self.set_x(_MARGIN + _WIDTH - 2 * _FIGURE)
        if amount is not None and amount > 0:
            self.set_text_color(*_INCOMING)
        self._fitted("" if amount is None else self._writer.money(amount), _FIGURE, 9)
        self.set_text_color(*_INK)
        self._fitted("" if balance is None else self._writer.money(balance), _FIGURE, 9)
        if details:
            self._ink(7.5, colour=_SOFT)
            self.set_xy(_MARGIN + _DATE, top + 5.6)
            self.cell(wide, 3.6, self._cut(details, wide))
        self.set_xy(_MARGIN, top + height)
        self._rule()

    def _make_room(self, height: float) -> bool:
        # Answers whether a new page had to begin.
        if self.get_y() + height <= self.h - _BOTTOM:
            return False
        self.add_page()
        return True

    def _period(self) -> str:
        period = self._statement.period
        return f"{self._writer.day(period.first)} \u2013 {self._writer.day(period.last)}"

    def _pair(self, name: str, value: str) -> None:
        self._ink(9, colour=_SOFT)
        self.cell(_WIDTH, 5.2, name, align="R", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self._ink(10)
        self.cell(_WIDTH, 5.2, value, align="R", new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def _line(self, text: str, height: float) -> None:
        self.cell(_WIDTH, height, text, new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def _rule(self) -> None:
        self.set_draw_color(*_RULE)
        self.set_line_width(0.2)
        self.line(_MARGIN, self.get_y(), _MARGIN + _WIDTH, self.get_y())

    def _ink(self, size: float, style: str = "", *, colour: tuple[int, int, int] = _INK) -> None:
        self.set_font("text", style, size)
        self.set_text_color(*colour)

    def _fitted(self, text: str, width: float, size: float, align: str = "R") -> None:
        # An amount is never cut: it is written smaller instead.
        wanted = self.get_string_width(text) + 2 * self.c_margin
        if wanted > width:
            self.set_font_size(size * width / wanted)
        self.cell(width, 4.8, text, align=align)
        self.set_font_size(size)

    def _cut(self, text: str, width: float) -> str:
        room = width - 2 * self.c_margin
        if self.get_string_width(text) <= room:
            return text
        while text and self.get_string_width(f"{text}…") > room:
            text = text[:-1]
        return f"{text.rstrip()}…"
