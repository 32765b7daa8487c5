"""One reply in its moment: the reading, what the peer just said, and what went before.

Context rules and flags look at a `Moment` and nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from actions.history import History
from actions.judgement import JudgedMove, PeerTurn
from actions.rubric import Rubric
from actions.words import content_words, frame, sameness, words
from bot.reading import OTHER, Evidence, Reading, Sentence

LEAST_SENT = 0.01
"""Least probability that a reading keeps on its way through Rasa (`Reading.to_entities`)."""


def sent(clause: Sentence) -> list[tuple[str, float]]:
    """Return a clause's probabilities as they travel through Rasa, so that live and batch see the same."""
    return sorted((name, round(p, 4)) for name, p in clause.moves.items() if p >= LEAST_SENT)


@dataclass(frozen=True)
class Moment:
    """Everything that the judgement of a reply may depend on.

    Attributes:
        rubric: The rubric.
        reading: What was understood of the reply.
        peer: What the peer just said.
        history: The memory of earlier replies, after hearing the peer's turn.
    """

    rubric: Rubric
    reading: Reading
    peer: PeerTurn
    history: History

    @cached_property
    def word_count(self) -> int:
        """Return the number of words of the reply."""
        return len(words(self.reading.text))

    @cached_property
    def peer_word_count(self) -> int:
        """Return the number of words of the peer's turn."""
        return len(words(self.peer.text))

    @cached_property
    def peer_words(self) -> frozenset[str]:
        """Return the content words of the peer's turn."""
        return content_words(self.peer.text)

    @cached_property
    def known_words(self) -> frozenset[str]:
        """Return the content words that the peer has brought up, in this turn or before."""
        return self.peer_words | frozenset(self.history.peer_words)

    @cached_property
    def is_stock(self) -> bool:
        """Return whether the reply would fit anyone: no word of its own, or the frame of an earlier reply."""
        own = content_words(self.reading.text) - self.peer_words - self.rubric.reply.stock["words"]
        return not own or self.is_framed

    @cached_property
    def frame(self) -> tuple[int, ...]:
        """Return the reply without the peer's words, empty where too little is left to tell one by."""
        found = frame(self.reading.text, self.peer.text)
        return found if len(found) >= self.rubric.reply.stock["frame_words"] else ()

    @cached_property
    def is_framed(self) -> bool:
        """Return whether the reply is an earlier one with other words of the peer put in."""
        same = self.rubric.reply.stock["frame_same"]
        return any(sameness(self.frame, earlier) >= same for earlier in self.history.frames)

    @cached_property
    def is_hard_disclosure(self) -> bool:
        """Return whether the peer just told something hard: a return to use, grief, shame, harm."""
        flag = self.rubric.flags["missed_empathy"]
        return bool(self.peer.tags & flag["strong_tags"]) and not self.peer.tags & flag["unless_tags"]

    def tagged(self, tags: frozenset[str]) -> bool:
        """Return whether the peer's turn carries one of the tags."""
        return bool(self.peer.tags & tags)

    def similarity(self, start: int, end: int) -> float:
        """Return the highest cosine of the peer's line with a sentence that overlaps a span, -1 for none."""
        close = [
            value
            for sentence, value in zip(self.reading.sentences, self.reading.similarity, strict=False)
            if sentence.start < end and start < sentence.end
        ]
        return max(close, default=-1.0)

    def is_asked(self, start: int, end: int) -> bool:
        """Return whether a span stands in a question."""
        asked = any(s.is_question and s.start < end and start < s.end for s in self.reading.sentences)
        return asked or self.reading.text[start : end + 1].rstrip().endswith("?")

    @cached_property
    def off_the_record(self) -> tuple[tuple[int, int], ...]:
        """Return the stretches that are addressed to the scorer, whole sentences where they are known."""
        kinds = self.rubric.flags["to_scorer"]["mentions"]
        stretches = []
        for mention in self.reading.mentions:
            if mention.kind in kinds:
                around = [
                    s for s in self.reading.sentences if s.start < mention.end and mention.start < s.end
                ]
                start = min([mention.start, *(s.start for s in around)])
                stretches.append((start, max([mention.end, *(s.end for s in around)])))
        return tuple(stretches)

    def is_off_the_record(self, start: int, end: int) -> bool:
        """Return whether a span overlaps words that are addressed to the scorer."""
        return any(first < end and start < last for first, last in self.off_the_record)

    def is_doubtful_harm(self, span: Evidence) -> bool:
        """Return whether a span was read as harm although harm of any kind is not probable enough there.

        Blame and its like, for which there is no humbler name, must be sure themselves. Otherwise, where the
        clause's probabilities are not known, the reading is taken at its word.
        """
        if self.rubric.moves[span.move].kind != "X" or span.rule is not None:
            return False
        doubt = self.rubric.reply.doubt
        if span.move in doubt["uncoded"] and span.probability < doubt["sure"]:
            return True
        for clause in self.reading.sentences:
            if (clause.start, clause.end) == (span.start, span.end) and clause.moves:
                return self.harm_in(clause) < self.rubric.reply.harm_from
        return False

    def harm_in(self, clause: Sentence) -> float:
        """Return how probable harm of any kind is in a clause, as far as its probabilities are known."""
        return sum(p for name, p in sent(clause) if name != OTHER and self.rubric.moves[name].kind == "X")

    def judged(self, span: Evidence) -> JudgedMove:
        """Return a span as a move that no rule has touched yet."""
        move = self.rubric.moves[span.move]
        return JudgedMove(
            start=span.start,
            end=span.end,
            move=move.id,
            probability=span.probability,
            rule=span.rule,
            kind=move.kind,
            plain=move.plain,
            text=self.reading.text[span.start : span.end],
            read_as=move.id,
            weights=dict(move.weights),
        )


def pick_spans(moment: Moment) -> tuple[JudgedMove, ...]:
    """Return the moves of a reply, one per stretch of words, in order.

    Where spans overlap the rubric's precedence decides, then probability. Words addressed to the scorer,
    spans coded `other` and doubtful harm are left out, whatever order the spans come in.

    Raises:
        KeyError: A span carries a move that the rubric does not know.
    """
    rank = moment.rubric.moves
    spans = [
        span for span in moment.reading.spans if span.move != OTHER and not moment.is_doubtful_harm(span)
    ]
    spans.sort(
        key=lambda span: (rank[span.move].precedence, -span.probability, span.start, span.end, span.move)
    )
    kept: list[Evidence] = []
    for span in spans:
        off = moment.is_off_the_record(span.start, span.end)
        if not off and not any(span.start < other.end and other.start < span.end for other in kept):
            kept.append(span)
    kept.sort(key=lambda span: (span.start, span.end, span.move))
    return tuple(moment.judged(span) for span in kept)
