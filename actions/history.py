"""What the assessment remembers of a session: a few hundred small values at most, whatever its length."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from actions.judgement import JudgedMove, PeerTurn
from actions.rubric import Rubric
from actions.words import (
    content_words,
    find_phrase,
    fingerprint,
    flat,
    opens_with,
    sentences,
    words,
)

REPLIES_KEPT = 5
SEEN_KEPT = 60
FRAMES_KEPT = 24
PEER_WORDS_KEPT = 300

CONTROL = (
    "unsolicited_advice",
    "direct_command",
    "pressure_warn",
    "impose_pathway",
    "advise_with_permission",
)
"""Moves that make a point which a peer can refuse."""

HESITATIONS = frozenset("um uh er hm hmm well oh ah lol so ay honestly".split())
OWN_LABEL = re.compile(r"\b(?:i|im|i am|ive|me|myself|as an?|being)\b")


@dataclass(frozen=True)
class History:
    """Compact memory of the replies before this one; JSON-ready, of bounded size.

    Attributes:
        replies: Number of replies so far.
        recent: Moves that counted in the last five replies, oldest first.
        stock: Which of the last five replies held moves but would fit anyone, oldest first.
        frames: Hashed words of the last replies without those of the peer, for noticing the same frame around
            other words; at most 24.
        seen: Hashed words of earlier replies, for noticing the same reply again; at most 60.
        self_labels: Labeling words that the peer used for themself.
        stigma_uses: Replies in which the trainee used a labeling word.
        consent: "none", "asked" (the trainee asked, the peer has not answered) or "given".
        consent_words: What consent was asked about.
        consent_left: Replies for which it still holds.
        refused_words: What the peer said no to.
        refused_left: Replies for which the no still stands.
        last_point: What the trainee's last reply pressed for.
        peer_words: What the peer brought up so far; at most 300 stems, the latest kept.
        strength_wait: Replies that passed over a win or strength; 0 when none is open.
        strength_words: The words that showed it.
        safety_wait: Replies that passed over a safety cue; 0 when none is open.
        is_safety_asked: Whether the trainee asked about safety.
        said: Feedback wording list to the wordings used so far, one bit each.
        last_said: Codes of the feedback after the last reply.
    """

    replies: int = 0
    recent: tuple[tuple[str, ...], ...] = ()
    stock: tuple[bool, ...] = ()
    frames: tuple[tuple[int, ...], ...] = ()
    seen: tuple[tuple[int, ...], ...] = ()
    self_labels: tuple[str, ...] = ()
    stigma_uses: int = 0
    consent: str = "none"
    consent_words: tuple[str, ...] = ()
    consent_left: int = 0
    refused_words: tuple[str, ...] = ()
    refused_left: int = 0
    last_point: tuple[str, ...] = ()
    peer_words: tuple[str, ...] = ()
    strength_wait: int = 0
    strength_words: tuple[str, ...] = ()
    safety_wait: int = 0
    is_safety_asked: bool = False
    said: Mapping[str, int] = field(default_factory=dict)
    last_said: tuple[str, ...] = ()

    @classmethod
    def empty(cls) -> History:
        """Return the memory with which a session begins."""
        return cls()

    def to_dict(self) -> dict[str, Any]:
        """Return it ready for JSON."""
        plain: dict[str, Any] = {}
        for item in fields(self):
            value = getattr(self, item.name)
            if isinstance(value, tuple):
                value = [list(entry) if isinstance(entry, tuple) else entry for entry in value]
            elif item.name == "said":
                value = dict(value)
            plain[item.name] = value
        return plain

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> History:
        """Rebuild it from `to_dict`."""
        known: dict[str, Any] = {}
        for item in fields(cls):
            if item.name in values:
                value = values[item.name]
                if isinstance(value, list):
                    value = tuple(tuple(entry) if isinstance(entry, list) else entry for entry in value)
                known[item.name] = value
        return cls(**known)

    def times_used(self, move: str, window: int) -> int:
        """Return in how many of the last `window` replies a move counted."""
        return sum(move in moves for moves in self.recent[-window:]) if window > 0 else 0

    def hearing(self, rubric: Rubric, peer: PeerTurn) -> History:
        """Return the memory after the peer's turn: consent answered, a no noted, own words learned.

        An answer is read from how the peer's first sentences open. Neither yes nor no, and consent lapses.
        """
        refuses = any(_opens(line, rubric.answers["refuse"]) for line in sentences(peer.text)[:2])
        agrees = not refuses and any(
            _opens(line, rubric.answers["agree"]) for line in sentences(peer.text)[:2]
        )
        heard = replace(self, self_labels=self._labels(rubric, peer.text))
        if self.consent == "asked":
            heard = replace(
                heard,
                consent="given" if agrees else "none",
                consent_left=rubric.context["R1"]["within"] if agrees else 0,
            )
        pressed = self.last_point or (self.consent_words if self.consent == "asked" else ())
        says_no = (refuses and (self.consent != "none" or bool(self.last_point))) or (
            "push" in peer.tags and bool(self.last_point)
        )
        if "ask" in peer.tags:
            return replace(heard, refused_left=0, refused_words=())
        if says_no:
            merged = tuple(dict.fromkeys((*pressed, *self.consent_words)))[:40]
            return replace(
                heard,
                consent="none",
                consent_left=0,
                refused_left=rubric.context["R2"]["lasts"],
                refused_words=merged,
            )
        return heard

    def _labels(self, rubric: Rubric, text: str) -> tuple[str, ...]:
        found = list(self.self_labels)
        for line in sentences(text):
            if OWN_LABEL.search(flat(line)):
                for term in rubric.flags["stigma_term"]["alternatives"]:
                    if term not in found and find_phrase(line, [term]):
                        found.append(term)
        return tuple(found)

    def after(
        self,
        rubric: Rubric,
        peer: PeerTurn,
        text: str,
        moves: tuple[JudgedMove, ...],
        flags: frozenset[str],
        waits: tuple[int, int],
        is_asked: bool,
        said: Mapping[str, int],
        last_said: tuple[str, ...],
        is_stock: bool,
        frame: tuple[int, ...],
    ) -> History:
        """Return the memory after a reply was judged; call it on what `hearing` gave.

        Args:
            rubric: The rubric.
            peer: The turn that was answered.
            text: The reply.
            moves: Its moves after the context rules.
            flags: Names of its flags, coaching notes among them.
            waits: How long a strength and a safety cue have now waited.
            is_asked: Whether safety was asked about, now or before.
            said: Feedback wordings used, one bit each.
            last_said: Codes of the feedback given now.
            is_stock: Whether the reply would fit anyone.
            frame: The reply without the peer's words, or () where little is left.
        """
        names = tuple(dict.fromkeys(move.move for move in moves))
        used_consent = any("R1" in move.context for move in moves)
        consent, left, about = self.consent, max(self.consent_left - 1, 0), self.consent_words
        if self.consent == "given" and (used_consent or left == 0):
            consent, left, about = "none", 0, ()
        asking = [move for move in moves if move.move == "ask_permission"]
        if asking:
            asked = frozenset[str]().union(*(content_words(move.text) for move in asking))
            consent, left, about = "asked", 0, tuple(sorted(asked))[:40]
        elif consent == "asked":
            consent, about = "none", ()
        point = frozenset[str]().union(*(content_words(move.text) for move in moves if move.move in CONTROL))
        known = dict.fromkeys((*self.peer_words, *sorted(content_words(peer.text))))
        print_now = fingerprint(text)
        long_enough = len(words(text)) >= rubric.flags["duplicate"]["from_words"]
        seen = self.seen
        if long_enough and "duplicate" not in flags:
            seen = (*seen, print_now)[-SEEN_KEPT:]
        waiting = tuple(sorted(content_words(peer.text)))[:40] if waits[0] == 1 else self.strength_words
        return replace(
            self,
            replies=self.replies + 1,
            recent=(*self.recent, names)[-REPLIES_KEPT:],
            stock=(*self.stock, is_stock and bool(names))[-REPLIES_KEPT:],
            frames=(*self.frames, frame)[-FRAMES_KEPT:] if frame and names else self.frames,
            seen=seen,
            stigma_uses=self.stigma_uses + ("stigma_term" in flags),
            consent=consent,
            consent_left=left,
            consent_words=about,
            refused_left=max(self.refused_left - 1, 0),
            refused_words=self.refused_words if self.refused_left > 1 else (),
            last_point=tuple(sorted(point))[:40],
            peer_words=tuple(known)[-PEER_WORDS_KEPT:],
            strength_wait=waits[0],
            strength_words=waiting if waits[0] else (),
            safety_wait=waits[1],
            is_safety_asked=is_asked,
            said=dict(said),
            last_said=last_said,
        )


def _opens(line: str, phrases: tuple[str, ...]) -> bool:
    return opens_with(line, phrases, HESITATIONS)
