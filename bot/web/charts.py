"""The chart of a session, drawn on the server as SVG: no script, and colors that follow the page.

matplotlib writes colors into style attributes, which our content policy forbids and dark mode could not
change. So every color of the drawing is a stand-in that becomes a class of `static/reading.css`; what is left
of the style turns into plain attributes.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any
from xml.etree import ElementTree

from bot.web.story import TrustTrack

SVG = "http://www.w3.org/2000/svg"

INKS = {
    "#1d6150": "line",
    "#51605a": "text",
    "#d3dcd4": "grid",
    "#145242": "rise",
    "#97391c": "fall",
    "#f2f5f0": "ground",
}
"""Colors of the drawing (those of print and of a light page) and the class that each becomes."""

LINE, TEXT, GRID, RISE, FALL, GROUND = INKS

WIDE, NARROW = (9.4, 3.3), (4.2, 3.4)
"""Width and height in inches for a desktop and for a phone."""

BAND_WORDS = ("wary", "warming", "trusting")
"""What the peer's tone is called at the side of the chart, from below."""

Bands = tuple[float, float]
"""Trust from which the tone is the second and the third of those (`data/dynamics.yml`)."""

Point = tuple[int, bool]


def trust_svg(
    track: TrustTrack, turning: Sequence[Mapping[str, Any]], bands: Bands, *, is_narrow: bool = False
) -> str:
    """Return the chart of trust as an SVG element, to be put into a page as it is.

    Args:
        track: Trust after each reply.
        turning: Turning points with `number` and `is_rise`.
        bands: Where the tone changes.
        is_narrow: Whether it is for a phone.
    """
    marked = tuple((int(point["number"]), bool(point["is_rise"])) for point in turning)
    return _svg(track, marked, bands, is_narrow)


@lru_cache(maxsize=128)
def _svg(track: TrustTrack, marked: tuple[Point, ...], bands: Bands, is_narrow: bool) -> str:
    figure = _draw(track, marked, bands, NARROW if is_narrow else WIDE)
    held = io.StringIO()
    from matplotlib import rc_context

    # A fixed salt and no date: the same talk gives the same bytes. Text stays text.
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": "switchback"}):
        figure.savefig(held, format="svg", metadata={"Date": None, "Creator": None}, transparent=True)
    return themed(held.getvalue(), prefix="n" if is_narrow else "w")


def trust_png(track: TrustTrack, turning: Sequence[Mapping[str, Any]], bands: Bands) -> bytes:
    """Return the same chart as a picture for paper, 200 dots an inch."""
    marked = tuple((int(point["number"]), bool(point["is_rise"])) for point in turning)
    held = io.BytesIO()
    _draw(track, marked, bands, WIDE).savefig(held, format="png", dpi=200, facecolor="white")
    return held.getvalue()


def _draw(track: TrustTrack, marked: Sequence[Point], bands: Bands, size: tuple[float, float]) -> Any:
    from matplotlib.figure import Figure  # a slow import, and only reports need it
    from matplotlib.ticker import MaxNLocator

    figure = Figure(figsize=size)
    axes = figure.add_axes((0.105 if size == WIDE else 0.2, 0.17, 0.875 if size == WIDE else 0.77, 0.77))
    numbers = [0, *(number for number, _ in track.values)]
    values = [track.start, *(value for _, value in track.values)]
    last = max(numbers[-1], 1)
    axes.set_xlim(-0.35, last + 0.35)
    axes.set_ylim(0, 100)
    for floor, ceiling, word in zip((0, *bands), (*bands, 100), BAND_WORDS, strict=True):
        if floor:
            axes.axhline(floor, color=GRID, linewidth=1, zorder=1)
        axes.text(
            -0.012, (floor + ceiling) / 2, word, color=TEXT, fontsize=10, ha="right", va="center",
            transform=axes.get_yaxis_transform(),
        )  # fmt: skip
    axes.plot(numbers, values, color=LINE, linewidth=2.2, zorder=3, solid_joinstyle="round")
    axes.plot(numbers, values, color=LINE, linestyle="none", marker="o", markersize=4.5, zorder=4)
    known = dict(track.values)
    for number, is_rise in marked:
        ink = RISE if is_rise else FALL
        axes.plot(
            [number], [known[number]], color=ink, marker="^" if is_rise else "v", markersize=13, zorder=5,
            markeredgecolor=GROUND, markeredgewidth=1.5, linestyle="none",
        )  # fmt: skip
        below = not is_rise if 12 < known[number] < 88 else known[number] >= 88
        axes.annotate(
            str(number), (number, known[number]), color=ink, fontsize=10, fontweight="bold",
            ha=_side(number, last), va="top" if below else "bottom",
            xytext=(0, -10 if below else 10), textcoords="offset points", zorder=6,
        )  # fmt: skip
    axes.set_xlabel("your replies, in order", color=TEXT, fontsize=10)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=12 if size == WIDE else 6, integer=True))
    axes.set_yticks([])
    axes.tick_params(colors=TEXT, labelsize=10, length=0, pad=5)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(GRID)
    return figure


def _side(number: int, last: int) -> str:
    return "right" if number == last and last > 3 else "center"


def themed(svg: str, prefix: str) -> str:
    """Return an SVG element whose colors are classes and whose ids begin with `prefix`.

    Args:
        svg: What matplotlib wrote.
        prefix: Keeps the ids of two charts on one page apart.
    """
    ElementTree.register_namespace("", SVG)
    ElementTree.register_namespace("xlink", "http://www.w3.org/1999/xlink")
    root = ElementTree.fromstring(svg[svg.index("<svg") :])
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag in (f"{{{SVG}}}metadata", f"{{{SVG}}}style"):
                parent.remove(child)
    for element in root.iter():
        _plain_attributes(element)
        for name in ("id", "clip-path", "{http://www.w3.org/1999/xlink}href"):
            value = element.get(name)
            if value:
                element.set(name, re.sub(r"^(url\(#|#|)", rf"\g<1>{prefix}-", value))
    for name in ("width", "height"):
        root.attrib.pop(name, None)
    root.set("aria-hidden", "true")  # the page tells the same in words and in a table
    root.set("focusable", "false")
    return ElementTree.tostring(root, encoding="unicode")


def _plain_attributes(element: ElementTree.Element) -> None:
    """Turn an element's style into attributes, and its colors into classes."""
    classes = []
    declared = {
        name.strip(): value.strip()
        for name, colon, value in (part.partition(":") for part in element.attrib.pop("style", "").split(";"))
        if colon
    }
    for name, value in {**declared, **element.attrib}.items():
        if name in ("fill", "stroke") and value.lower() in INKS:
            element.attrib.pop(name, None)
            classes.append(f"{name}-{INKS[value.lower()]}")
        elif name == "font" and name in declared:
            found = re.match(r"(?:(bold|\d+)\s+)?([\d.]+)px", value)
            if found:
                element.set("font-size", found.group(2))
                if found.group(1) and found.group(1) != "400":
                    element.set("font-weight", found.group(1))
        elif name in declared:
            element.set(name, value)
    if classes:
        element.set("class", " ".join(sorted(classes)))
