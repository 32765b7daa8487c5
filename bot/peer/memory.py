"""What the peer remembers of the talk: what was told, answered, asked and said."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from bot.peer.phrases import subject_of


@dataclass(frozen=True)
class Said:
    """One thing the peer said, as Rasa keeps it in the metadata of the bot's event.

    Attributes:
        line: Id of the line.
        action: The dialogue act, e.g. `utter_disclose`.
        pool: What kind of moment it came from, e.g. `beats.B4`.
        text: The words.
        beat: Beat told or continued, or None.
        topic: Topic answered, or None.
        tags: Beat tags, what it is to the scorer.
        asks: What it asks of the trainee, or None.
        is_next_step: Whether the peer's own next step was voiced.
        ended: How the session ended with it, or None.
        lead: Id of the line that stands before it in the same bubble, or None.
    """

    line: str
    action: str
    pool: str
    text: str
    beat: str | None = None
    topic: str | None = None
    tags: tuple[str, ...] = ()
    asks: str | None = None
    is_next_step: bool = False
    ended: str | None = None
    lead: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return it ready for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Said:
        """Rebuild it, ignoring keys that Rasa added."""
        known = {name: values[name] for name in cls.__dataclass_fields__ if name in values}
        known["tags"] = tuple(known.get("tags") or ())
        return cls(**known)


RECENT = 4
"""Lines said last that a vague question may be about: those of about two turns."""


@dataclass(frozen=True)
class Memory:
    """The peer's memory of one session; JSON-ready, grows only with what can be said once.

    Attributes:
        told: Beat id to the turn in which it was told.
        answered: Topic id to how often it was answered.
        used: Ids of the lines said.
        last: What was said in the last turn.
        asked: Beat that asked for something and got no answer, to the turn in which it last asked.
        raised: Beat to how often its unanswered question was raised again.
        held: Beat that was held back, to the turn in which it last was.
        questions_back: Turn in which the peer last asked a question of their own.
        nods: Listening sounds ("ok", "mm") in a row, with nothing else in them.
        insults: Hostile replies so far.
        same_replies: Replies that only repeated an earlier one.
        is_paused: Whether the roleplay is paused.
        is_next_step_voiced: Whether the peer has said what they will do next.
        ended: How it ended, or None.
        subject_line: The last line said that had a beat or topic.
        subject_at: Turn in which it was said.
    """

    told: Mapping[str, int] = field(default_factory=dict)
    answered: Mapping[str, int] = field(default_factory=dict)
    used: tuple[str, ...] = ()
    last: tuple[Said, ...] = ()
    asked: Mapping[str, int] = field(default_factory=dict)
    raised: Mapping[str, int] = field(default_factory=dict)
    held: Mapping[str, int] = field(default_factory=dict)
    questions_back: int = -9
    nods: int = 0
    insults: int = 0
    same_replies: int = 0
    is_paused: bool = False
    is_next_step_voiced: bool = False
    ended: str | None = None
    subject_line: str = ""
    subject_at: int = 0

    def after_saying(self, said: Iterable[Said], turn: int) -> Memory:
        """Return the memory once the peer has said these things in this turn."""
        said = tuple(said)
        if not said:
            return self
        told, answered = dict(self.told), dict(self.answered)
        asked, raised, held = dict(self.asked), dict(self.raised), dict(self.held)
        for thing in said:
            if thing.beat and thing.pool in (f"beats.{thing.beat}", "suicide_answer"):
                told.setdefault(thing.beat, turn)
                if thing.asks:
                    asked[thing.beat] = turn
            elif thing.beat in asked and thing.asks:
                asked[thing.beat] = turn
                raised[thing.beat] = raised.get(thing.beat, 0) + 1
            elif thing.beat and thing.pool == f"beats.{thing.beat}.surface":
                held[thing.beat] = turn
            if thing.topic:
                answered[thing.topic] = answered.get(thing.topic, 0) + 1
        subject = next((thing.line for thing in reversed(said) if subject_of(thing.line)), "")
        asked_back = any(thing.pool.endswith(".ask_back") for thing in said)
        return replace(
            self,
            told=told,
            answered=answered,
            asked=asked,
            raised=raised,
            held=held,
            used=tuple(dict.fromkeys((*self.used, *_lines_in(said)))),
            last=said,
            subject_line=subject or self.subject_line,
            subject_at=turn if subject else self.subject_at,
            questions_back=turn if asked_back else self.questions_back,
            is_next_step_voiced=self.is_next_step_voiced or any(thing.is_next_step for thing in said),
            ended=next((thing.ended for thing in said if thing.ended), self.ended),
        )

    def after_hearing(self, is_answered: bool, is_nod: bool = False) -> Memory:
        """Return the memory once a reply was heard: what it answered need not be asked again."""
        asked = {} if is_answered else self.asked
        return replace(self, asked=asked, nods=self.nods + 1 if is_nod else 0)

    @property
    def last_text(self) -> str:
        """Return what the peer said last, as one text; a new line parts what was said of two things.

        Not everybody types periods: with a space between them a reaction and a story would be one sentence.
        """
        return "\n".join(thing.text for thing in self.last)

    @property
    def subject(self) -> str:
        """Return the beat or topic of the last thing said that had one; the opening's before that."""
        return subject_of(self.subject_line) or "B1"

    @property
    def recent_subjects(self) -> frozenset[str]:
        """Return the beats and topics of the last few lines: what a vague question may still be about."""
        return frozenset(subject_of(line) for line in (self.subject_line, *self.used[-RECENT:])) - {""}

    @property
    def last_tags(self) -> frozenset[str]:
        """Return the tags of what the peer said last."""
        return frozenset(tag for thing in self.last for tag in thing.tags)

    @property
    def last_beat(self) -> str | None:
        """Return the beat told or continued in the last turn; one that was held back is not told."""
        return next((thing.beat for thing in reversed(self.last) if thing.beat in self.told), None)

    @property
    def last_topic(self) -> str | None:
        """Return the topic answered in the last turn."""
        return next((thing.topic for thing in reversed(self.last) if thing.topic), None)

    @property
    def pending(self) -> str | None:
        """Return what the peer's last words asked of the trainee, or None."""
        return next((thing.asks for thing in reversed(self.last) if thing.asks), None)

    def to_dict(self) -> dict[str, Any]:
        """Return the memory ready for JSON."""
        values = asdict(self)
        values["last"] = [thing.to_dict() for thing in self.last]
        values["used"] = list(self.used)
        return values

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Memory:
        """Rebuild a memory from `to_dict`."""
        known = dict(values)
        known["last"] = tuple(Said.from_dict(thing) for thing in known["last"])
        known["used"] = tuple(known["used"])
        return cls(**known)


def _lines_in(said: Iterable[Said]) -> Iterable[str]:
    """Give the ids of the lines that were said, those that only led over to another among them."""
    for thing in said:
        if thing.lead:
            yield thing.lead
        yield thing.line
