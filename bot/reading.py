"""What was understood of one reply: the contract between reading, assessment and peer.

The tagger in `bot/nlu` makes a `Reading`; Rasa carries it as entities; the action
server and the peer's choice take it apart again. Nothing here imports anything heavy,
so the rules of the craft can be tested in milliseconds.

All offsets are code points of the trainee's original message, end exclusive, as in spaCy.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

OTHER = "other"
"""The label of words that are no move: greetings, thanks, "mm", time-keeping (RUBRIC section 1.6)."""


@dataclass(frozen=True)
class Evidence:
    """The words that made us see a move, so that a trainee can check us.

    Attributes:
        start: First character in the trainee's message, counted in code points.
        end: One past the last character.
        move: A move id from `data/moves.yml`.
        probability: 0 to 1, calibrated on the project's own sentences.
        rule: Id of the pattern in `data/patterns.yml` that decided it, or None where the tagger did.
    """

    start: int
    end: int
    move: str
    probability: float
    rule: str | None = None


@dataclass(frozen=True)
class Mention:
    """Words that matter besides the moves: a stigma term, a pause word, an insult.

    Attributes:
        kind: One of the kinds in `data/patterns.yml`, e.g. `stigma_term`, `pause_word`.
        rule: Id of the pattern that found it.
        start: First character, in code points.
        end: One past the last character.
        text: The words themselves.
    """

    kind: str
    rule: str
    start: int
    end: int
    text: str


@dataclass(frozen=True)
class Topic:
    """What a stretch of the reply is about.

    Attributes:
        topic: A topic id from `data/topics.yml`.
        start: First character of the sentence that it was read from.
        end: One past the last character.
        probability: 0 to 1.
        is_asked: Whether that sentence asks the peer about it.
    """

    topic: str
    start: int
    end: int
    probability: float
    is_asked: bool = False


@dataclass(frozen=True)
class Sentence:
    """One clause of the reply, with how likely each move is.

    Attributes:
        start: First character, in code points.
        end: One past the last character.
        moves: Move id to probability; moves below 0.01 are left out.
        is_question: Whether its form is that of a question, question mark or not.
    """

    start: int
    end: int
    moves: Mapping[str, float]
    is_question: bool = False


@dataclass(frozen=True)
class Likeness:
    """A prepared line that a stretch of the reply leads to.

    Attributes:
        line: Id of the line in the scenario.
        kind: What it is like: `asked` (a question that the line answers), `stated` (a remark that it may
            follow), or `own` (the line's own words).
        similarity: Cosine with the phrase that is most like it, -1 to 1.
        start: First character of the stretch.
        end: One past the last character.
        is_vague: Whether the phrase only counts as a follow-up on the last subject.
    """

    line: str
    kind: str
    similarity: float
    start: int
    end: int
    is_vague: bool = False


NOTHING_PREPARED = Likeness("", "", 0.0, 0, 0)
"""Travels where the reply was compared with prepared lines and leads to none."""


@dataclass(frozen=True)
class Reading:
    """Everything understood of one reply.

    Attributes:
        text: The trainee's message, unchanged.
        sentences: Its clauses in order.
        spans: The moves that passed the threshold, in order of their first character.
        topics: What it is about, most probable first.
        mentions: Other words that matter, in order.
        similarity: Cosine of each sentence with the peer's last line, -1 to 1, same order as `sentences`;
            empty when there was no peer line.
        prepared: Lines of the person spoken with that it leads to; None where nobody compared.
    """

    text: str
    sentences: Sequence[Sentence] = ()
    spans: Sequence[Evidence] = ()
    topics: Sequence[Topic] = ()
    mentions: Sequence[Mention] = ()
    similarity: Sequence[float] = field(default=())
    prepared: Sequence[Likeness] | None = None

    @property
    def move_probabilities(self) -> dict[str, float]:
        """Return how probable each move is to be anywhere in the reply.

        One minus the chance that none of its sentences makes it: never less than the surest of them, more
        where several are half sure of it.
        """
        missing: dict[str, float] = {}
        for sentence in self.sentences:
            for move, probability in sentence.moves.items():
                missing[move] = missing.get(move, 1.0) * (1.0 - probability)
        return {move: 1.0 - chance for move, chance in missing.items()}

    @property
    def moves(self) -> tuple[str, ...]:
        """Return the moves found, each once, in order of appearance."""
        return tuple(dict.fromkeys(span.move for span in self.spans))

    @property
    def is_question(self) -> bool:
        """Return whether any clause asks something."""
        return any(sentence.is_question for sentence in self.sentences)

    def mentions_of(self, kind: str) -> list[Mention]:
        """Return the mentions of one kind, in order."""
        return [mention for mention in self.mentions if mention.kind == kind]

    def to_entities(self) -> list[dict[str, Any]]:
        """Return the reading as Rasa entities, which is how it travels with the user event.

        Five kinds of entity: `move`, `topic`, `mention`, `sentence` with its probabilities and form, and
        `prepared` with a line that answers.
        """
        entities: list[dict[str, Any]] = []
        for span in self.spans:
            entities.append(
                {
                    "entity": "move",
                    "value": span.move,
                    "start": span.start,
                    "end": span.end,
                    "confidence_entity": round(span.probability, 4),
                    "rule": span.rule,
                    "extractor": "MoveTagger",
                }
            )
        for topic in self.topics:
            entities.append(
                {
                    "entity": "topic",
                    "value": topic.topic,
                    "start": topic.start,
                    "end": topic.end,
                    "confidence_entity": round(topic.probability, 4),
                    "is_asked": topic.is_asked,
                    "extractor": "TopicReader",
                }
            )
        for mention in self.mentions:
            entities.append(
                {
                    "entity": "mention",
                    "value": mention.kind,
                    "start": mention.start,
                    "end": mention.end,
                    "rule": mention.rule,
                    "extractor": "PatternReader",
                }
            )
        for number, sentence in enumerate(self.sentences):
            entities.append(
                {
                    "entity": "sentence",
                    "value": str(number),
                    "start": sentence.start,
                    "end": sentence.end,
                    "is_question": sentence.is_question,
                    "similarity": round(self.similarity[number], 4) if self.similarity else None,
                    "moves": {
                        move: round(probability, 4)
                        for move, probability in sentence.moves.items()
                        if probability >= 0.01
                    },
                    "extractor": "MoveTagger",
                }
            )
        # Compared, and nothing found, is not the same as not compared: then one entity says so.
        for like in self.prepared or ([] if self.prepared is None else [NOTHING_PREPARED]):
            entities.append(
                {
                    "entity": "prepared",
                    "value": like.line,
                    "start": like.start,
                    "end": like.end,
                    "kind": like.kind,
                    "confidence_entity": round(like.similarity, 4),
                    "is_vague": like.is_vague,
                    "extractor": "PreparedLines",
                }
            )
        return entities

    @classmethod
    def from_entities(cls, text: str, entities: Sequence[Mapping[str, Any]]) -> Reading:
        """Rebuild a reading from what `to_entities` gave, whatever order the entities are in.

        Args:
            text: The trainee's message.
            entities: Rasa entities; those of other extractors are ignored.
        """
        spans, topics, mentions, numbered, prepared = [], [], [], [], []
        for item in entities:
            start, end = item.get("start", 0), item.get("end", 0)
            if item.get("entity") == "move":
                spans.append(Evidence(start, end, item["value"], item["confidence_entity"], item.get("rule")))
            elif item.get("entity") == "topic":
                asked = bool(item.get("is_asked"))
                topics.append(Topic(item["value"], start, end, item["confidence_entity"], asked))
            elif item.get("entity") == "mention":
                mentions.append(Mention(item["value"], item.get("rule", ""), start, end, text[start:end]))
            elif item.get("entity") == "sentence":
                sentence = Sentence(start, end, dict(item["moves"]), bool(item.get("is_question")))
                numbered.append((int(item["value"]), sentence, item.get("similarity")))
            elif item.get("entity") == "prepared":
                sure, vague = item["confidence_entity"], bool(item.get("is_vague"))
                prepared.append(Likeness(item["value"], item["kind"], sure, start, end, vague))
        numbered.sort(key=lambda entry: entry[0])
        similar = tuple(entry[2] for entry in numbered)
        return cls(
            text=text,
            sentences=tuple(entry[1] for entry in numbered),
            spans=tuple(sorted(spans, key=lambda span: (span.start, span.end, span.move))),
            topics=tuple(sorted(topics, key=lambda topic: (-topic.probability, topic.start))),
            mentions=tuple(sorted(mentions, key=lambda mention: (mention.start, mention.end))),
            similarity=() if None in similar else tuple(float(value or 0.0) for value in similar),
            prepared=tuple(like for like in prepared if like.line) if prepared else None,
        )
