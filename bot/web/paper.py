"""Paper: a PDF to write headings, paragraphs and tables on (fpdf2), whatever people typed.

The font is DejaVu Sans, which comes with matplotlib. What it cannot show (emoji, Chinese ...) or what would
need shaping from right to left (Arabic, Hebrew ...) is named in brackets, so that nothing vanishes silently.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

INK, SOFT, PINE, CLAY, SUN_INK, LINE = (
    (27, 37, 33), (81, 96, 90), (29, 97, 80), (151, 57, 28), (109, 74, 6), (211, 220, 212)
)  # fmt: skip

NEEDS_SHAPING = frozenset({"R", "AL"})
"""Bidirectional classes whose letters this printer would set in the wrong order."""

JOINERS = frozenset("\u200d\ufe0e\ufe0f\u20e3")
"""What glues emoji together; it is silent on its own."""

EDGE = 18.0
"""Margin in millimeters."""


@lru_cache(maxsize=1)
def _fonts() -> tuple[Path, Path, frozenset[int]]:
    """Return the regular and the bold font file, and the code points that the regular one can show."""
    from matplotlib import get_data_path
    from matplotlib.ft2font import FT2Font

    folder = Path(get_data_path()) / "fonts" / "ttf"
    regular = folder / "DejaVuSans.ttf"
    return regular, folder / "DejaVuSans-Bold.ttf", frozenset(FT2Font(str(regular)).get_charmap())


def printable(text: str) -> str:
    """Return a text with everything that the font cannot show named in brackets.

    A run of letters of another script becomes one bracket ("[Arabic, 6 letters]"), an emoji its own name
    ("[grinning face]").
    """
    _, _, known = _fonts()
    told = []
    for kind, run in itertools.groupby(text, lambda sign: _kind(sign, known)):
        signs = "".join(run)
        if kind == "":
            told.append(signs)
        elif kind == "silent":
            continue
        elif kind == "sign":
            told.append("".join(f"[{unicodedata.name(sign, 'unknown sign').lower()}]" for sign in signs))
        else:
            count = sum(unicodedata.category(sign)[0] in "LN" for sign in signs) or len(signs)
            told.append(f"[{kind}, {count} {'letter' if count == 1 else 'letters'}]")
    return "".join(told)


def _kind(sign: str, known: frozenset[int]) -> str:
    """Return "" for a sign that can be printed, "silent", "sign" (an emoji ...) or the name of its script."""
    if sign in "\n\t":
        return ""
    if sign in JOINERS or unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Co", "Cn"):
        return "silent" if sign in JOINERS or unicodedata.category(sign) == "Cf" else "sign"
    is_letter = unicodedata.category(sign)[0] in "LM"
    if is_letter and unicodedata.bidirectional(sign) in NEEDS_SHAPING:
        return _script(sign)
    if ord(sign) in known and ord(sign) <= 0xFFFF:
        return ""
    return _script(sign) if is_letter else "sign"


def _script(sign: str) -> str:
    word = unicodedata.name(sign, "Unknown").split()[0]
    return {
        "CJK": "Chinese characters",
        "HIRAGANA": "Japanese",
        "KATAKANA": "Japanese",
        "HANGUL": "Korean",
    }.get(word, word.capitalize())


def _paper(title: str, foot: str) -> Any:
    """Return an empty document with fonts, margins and a footer on every page."""
    from fpdf import FPDF

    class Paper(FPDF):
        def footer(self) -> None:
            self.set_y(-13)
            self.set_font("body", size=7.5)
            self.set_text_color(*SOFT)
            self.multi_cell(0, 3.6, f"{printable(foot)}  ·  page {self.page_no()} of {{nb}}", align="C")

    paper = Paper(format="Letter")
    regular, bold, _ = _fonts()
    paper.add_font("body", "", str(regular))
    paper.add_font("body", "B", str(bold))
    paper.set_title(printable(title))
    paper.set_lang("en-US")
    paper.set_creator("Switchback")
    paper.set_margins(EDGE, EDGE, EDGE)
    paper.set_auto_page_break(True, margin=20)
    paper.add_page()
    return paper


class Writer:
    """Writes headings and paragraphs; every text passes through `printable`."""

    def __init__(self, title: str, foot: str) -> None:
        self.paper = _paper(title, foot)

    def line(
        self,
        text: str,
        size: float = 10,
        *,
        is_bold: bool = False,
        ink: Sequence[int] = INK,
        indent: float = 0,
        after: float = 1,
    ) -> None:
        """Write a paragraph; indent and space after it in millimeters."""
        paper = self.paper
        paper.set_font("body", "B" if is_bold else "", size)
        paper.set_text_color(*ink)
        paper.set_x(EDGE + indent)
        # Long words without a space (addresses, keys held down) must break somewhere.
        text = re.sub(r"(\S{70})(?=\S)", "\\1 ", printable(text))
        paper.multi_cell(0, size * 0.5, text, align="L", new_x="LMARGIN", new_y="NEXT")
        paper.ln(after)

    def heading(self, text: str) -> None:
        """Write a section's heading, and keep it with what follows."""
        self.room(28)
        self.paper.ln(3)
        self.line(text, 13, is_bold=True, ink=PINE, after=1.5)

    def room(self, millimeters: float) -> None:
        """Begin a new page if there is less room than this on the present one."""
        if self.paper.will_page_break(millimeters):
            self.paper.add_page()

    def rule(self) -> None:
        """Draw a thin line across."""
        self.paper.set_draw_color(*LINE)
        y = self.paper.get_y()
        self.paper.line(EDGE, y, self.paper.w - EDGE, y)
        self.paper.ln(1.5)

    def table(self, widths: Sequence[float], rows: Sequence[Sequence[str]]) -> None:
        """Write a table; the first row is its heading."""
        paper = self.paper
        paper.set_font("body", "", 8.5)
        paper.set_text_color(*INK)
        paper.set_draw_color(*LINE)
        with paper.table(
            col_widths=tuple(widths),
            text_align="LEFT",
            borders_layout="HORIZONTAL_LINES",
            line_height=4.6,
            padding=0.8,
        ) as table:
            for cells in rows:
                row = table.row()
                for cell in cells:
                    row.cell(printable(cell))
        paper.ln(2)

    def output(self) -> bytes:
        """Return the finished document."""
        return bytes(self.paper.output())


def file_name(parts: Iterable[str], ending: str) -> str:
    """Return a plain file name out of what things are called: ("Kris", "1") and ".pdf" give kris-1.pdf."""
    flat = unicodedata.normalize("NFKD", "-".join(parts)).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", flat).strip("-")[:80] + ending
