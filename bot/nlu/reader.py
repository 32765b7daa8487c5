"""Reads replies: segments, moves, topics and mentions, one at a time or in batches.

The idea without the plumbing: `components.py` puts it into Rasa, `load_reader` takes it out of a
trained archive for the command line and the evaluation.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bot.nlu.archive import ModelMissing, trained_archive, unpack
from bot.nlu.context import ContextEncoder, InContext
from bot.nlu.cuts import cut_further
from bot.nlu.decide import ask_only_in_questions, decide_spans, raise_by_rules
from bot.nlu.encoder import Encoder
from bot.nlu.features import LAST_WORDS, features_of, part_rows
from bot.nlu.form import asks_somebody
from bot.nlu.mentions import Mentions, read_mentions
from bot.nlu.patterns import Found, PatternReader, parse_rules
from bot.nlu.segments import Run, joined, most_probable, possible_runs
from bot.nlu.sentences import READ_CHARACTERS, Clause, split_clauses
from bot.nlu.tagger import MoveTagger
from bot.nlu.topics import LOWEST, MOST, NOTHING, TopicReader
from bot.nlu.wording import readable
from bot.reading import OTHER, Reading, Sentence, Topic
from bot.settings import Settings

MOST_CLAUSES = 40
"""Clauses of one reply that are tagged; a pasted article is read only so far. The rest gets no moves."""

KEPT = 0.0005
"""Probabilities below this are left out of a `Sentence`, and so is `other`, which is what remains to 1."""

TOGETHER = 64
"""Replies encoded in one go by `read_many`; bounds its memory."""

RULES_FILE = "rules.json"


@dataclass(frozen=True)
class ReaderParts:
    """What a trained archive carries; everything but the encoder.

    Attributes:
        tagger: Moves of a clause.
        topics: Topics of a clause.
        patterns: Rules over the words.
        rules: The document that the patterns came from, to be saved again.
    """

    tagger: MoveTagger
    topics: TopicReader
    patterns: PatternReader
    rules: dict[str, object]

    def save(self, folder: Path) -> None:
        """Write all parts to a folder."""
        self.tagger.save(folder)
        self.topics.save(folder)
        (folder / RULES_FILE).write_text(json.dumps(self.rules), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> ReaderParts:
        """Read what `save` wrote."""
        tagger = MoveTagger.load(folder)
        rules = json.loads((folder / RULES_FILE).read_text(encoding="utf-8"))
        moves = [str(move) for move in rules["moves"]]
        return cls(tagger, TopicReader.load(folder), PatternReader(parse_rules(rules, moves)), rules)


@dataclass(frozen=True)
class _Draft:
    """A reply on its way to a reading: its clauses, the rules found in each, the runs to be tried."""

    text: str
    peer: str
    found: Mentions
    clauses: Sequence[Clause]
    rules: Sequence[Sequence[Found]]
    runs: Sequence[Run]


@dataclass(frozen=True)
class _Segment:
    """One segment of a reply with its moves, and the rules found where it begins."""

    clause: Clause
    rules: Sequence[Found]
    moves: np.ndarray
    is_question: bool


class ReplyReader:
    """Understands replies.

    Args:
        encoder: Says what a text means.
        context: Says what a part of a message does.
        parts: Trained parts.
    """

    def __init__(self, encoder: Encoder, context: ContextEncoder, parts: ReaderParts) -> None:
        self.encoder = encoder
        self.context = context
        self.parts = parts
        self._vocabulary = encoder.whole_words()

    def read(self, text: str, peer_text: str = "") -> Reading:
        """Read one reply.

        Args:
            text: The trainee's message.
            peer_text: The peer's last line, "" where there was none.
        """
        return self.read_many([(text, peer_text)])[0]

    def read_many(self, pairs: Sequence[tuple[str, str]]) -> list[Reading]:
        """Read many replies, `TOGETHER` at a time; the same readings as one by one.

        Args:
            pairs: For each reply its text and the peer's last line.
        """
        readings: list[Reading] = []
        for first in range(0, len(pairs), TOGETHER):
            readings += self._read_block(pairs[first : first + TOGETHER])
        return readings

    def _read_block(self, pairs: Sequence[tuple[str, str]]) -> list[Reading]:
        read = self.context.read([(peer, text[:READ_CHARACTERS]) for text, peer in pairs])
        drafts = [self._draft(*pair, in_context) for pair, in_context in zip(pairs, read, strict=True)]
        divided = self._divide(drafts, read)
        # What a segment means is asked only of those that were chosen; the peer's lines go with them.
        lines = [readable(draft.peer[-LAST_WORDS:]) for draft in drafts]
        texts = [[readable(segment.clause.text) for segment in segments] for segments in divided]
        wanted = sorted({*lines, *(text for own in texts for text in own)})
        place = {text: number for number, text in enumerate(wanted)}
        meaning = self.encoder.encode(wanted)
        readings = []
        for draft, segments, own, line in zip(drafts, divided, texts, lines, strict=True):
            vectors = meaning[[place[text] for text in own]]
            topics = self.parts.topics.probabilities(own, vectors)
            likeness = vectors @ meaning[place[line]] if line else ()
            readings.append(self._reading(draft, segments, topics, [float(value) for value in likeness]))
        return readings

    def _draft(self, text: str, peer: str, in_context: InContext) -> _Draft:
        """Cut one reply into clauses, look for rules in them, and list the runs to be tried.

        Patterns are looked for before the network cuts further: what they found stays in one piece, from the
        first word of a rule that sets a move to the end of its clause.
        """
        by_rules = split_clauses(text)[:MOST_CLAUSES]
        found = read_mentions(text, by_rules, self.parts.patterns, self._vocabulary)
        by_rules = by_rules[: len(found.by_clause)]
        whole = [(mention.start, mention.end) for mention in found.mentions]
        for clause, own in zip(by_rules, found.by_clause, strict=True):
            whole += [(item.start, clause.end) for item in own]
        clauses = cut_further(text, by_rules, in_context, whole)[:MOST_CLAUSES]
        items = [item for each in found.by_clause for item in each]
        rules = [
            tuple(item for item in items if clause.start <= item.start < clause.end) for clause in clauses
        ]
        marks = [frozenset(item.rule.id for item in each) for each in rules]
        return _Draft(text, peer, found, clauses, rules, possible_runs(text, clauses, marks))

    def _divide(self, drafts: Sequence[_Draft], read: Sequence[InContext]) -> list[list[_Segment]]:
        """Return the most probable division of each reply, with the moves of its segments."""
        stretches = [
            [(draft.clauses[first].start, draft.clauses[last - 1].end) for first, last in draft.runs]
            for draft in drafts
        ]
        rows = [part_rows(one, wanted) for one, wanted in zip(read, stretches, strict=True)]
        features = features_of([(draft.peer, draft.text) for draft in drafts], rows)
        moves = self.parts.tagger.probabilities(features)
        questions = [asks_somebody(text) for text in features.texts]
        names = self.parts.tagger.moves
        divided, row = [], 0
        for draft in drafts:
            place = {run: row + number for number, run in enumerate(draft.runs)}
            row += len(draft.runs)
            likely = {
                run: ask_only_in_questions(moves[number], names, features.texts[number])
                for run, number in place.items()
            }
            count = len(draft.clauses)
            begins = [float(features.begins[place[(clause, clause + 1)]]) for clause in range(count)]
            divided.append(
                [
                    _Segment(
                        joined(draft.text, draft.clauses, run),
                        draft.rules[run[0]],
                        likely[run],
                        questions[place[run]],
                    )
                    for run in most_probable(count, likely, begins)
                ]
            )
        return divided

    def _reading(
        self, draft: _Draft, segments: Sequence[_Segment], topics: np.ndarray, likeness: Sequence[float]
    ) -> Reading:
        """Put one reply's numbers together."""
        if not segments:
            return Reading(text=draft.text, mentions=draft.found.mentions)
        tagger = self.parts.tagger
        questions = [segment.is_question for segment in segments]
        raised = [raise_by_rules(segment.moves, tagger.moves, segment.rules) for segment in segments]
        sentences = []
        for segment, likely in zip(segments, raised, strict=True):
            kept = {
                move: round(float(value), 5)
                for move, value in zip(tagger.moves, likely.likely, strict=True)
                if move != OTHER and value >= KEPT
            }
            clause = segment.clause
            sentences.append(Sentence(clause.start, clause.end, kept, segment.is_question))
        clauses = [segment.clause for segment in segments]
        is_about_session = _is_about_session(draft.found)
        return Reading(
            text=draft.text,
            sentences=tuple(sentences),
            spans=() if is_about_session else decide_spans(clauses, raised, tagger, questions),
            topics=self._topics(clauses, topics, questions),
            mentions=draft.found.mentions,
            similarity=tuple(round(value, 4) for value in likeness),
        )

    def _topics(
        self, clauses: Sequence[Clause], likely: np.ndarray, questions: Sequence[bool]
    ) -> tuple[Topic, ...]:
        """Return the most probable topics, each once, with the clause that it was read from."""
        names = self.parts.topics.topics
        best: dict[str, Topic] = {}
        for clause, row, is_question in zip(clauses, likely, questions, strict=True):
            for column in np.flatnonzero(row >= LOWEST):
                name = names[column]
                value = round(float(row[column]), 4)
                old = best.get(name)
                if name != NOTHING and (
                    old is None or (is_question, value) > (old.is_asked, old.probability)
                ):
                    best[name] = Topic(name, clause.start, clause.end, value, is_question)
        ranked = sorted(best.values(), key=lambda topic: (-topic.probability, topic.start, topic.topic))
        return tuple(ranked[:MOST])


def _is_about_session(found: Mentions) -> bool:
    """Return whether the message steps out of the roleplay or back; such words are never scored."""
    return any(mention.kind in {"pause_word", "resume_word"} for mention in found.mentions)


def load_reader(model_path: Path | None, settings: Settings, threads: int = 2) -> ReplyReader:
    """Take the reader out of a trained Rasa archive, without running Rasa.

    Args:
        model_path: The archive, or None for the newest in the models folder.
        settings: Where models and encoder are.
        threads: Processor threads of the encoder.

    Raises:
        ModelMissing: There is no archive, or none with a move tagger in it.
    """
    model_path = model_path or trained_archive(settings)
    with tempfile.TemporaryDirectory(prefix="switchback-") as scratch:
        folder = Path(scratch)
        unpack(model_path, folder, lambda path: "MoveTagger" in path.parent.name)
        if not (folder / RULES_FILE).is_file():
            raise ModelMissing(f"{model_path}: no move tagger in it; run `switchback train`")
        parts = ReaderParts.load(folder)
    return ReplyReader(Encoder(settings.encoder, threads), ContextEncoder(settings.encoder, threads), parts)
