"""The keys of a scenario file: which there are, what each holds, and what it is for.

The one place where they are written down. `scenario.py` checks files against these tables,
`bot/authoring/schema.py` makes the JSON Schema for editors out of them, so the two can't disagree.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Key:
    """One key of a mapping in a scenario file.

    Attributes:
        kind: What it holds; `bot/authoring/schema.py` knows every kind.
        help: What it is for, in one or two sentences, as an editor shows it.
        is_required: Whether a file without it can't be used.
    """

    kind: str
    help: str
    is_required: bool = True


Keys = Mapping[str, Key]


def required(keys: Keys) -> list[str]:
    """Return the names of the keys that must be there."""
    return [name for name, key in keys.items() if key.is_required]


def optional(keys: Keys) -> list[str]:
    """Return the names of the keys that may be left out."""
    return [name for name, key in keys.items() if not key.is_required]


SCENARIO: Keys = {
    "id": Key("id", "The name of the file without .yml."),
    "version": Key("version", 'Your own count of this person\'s versions, e.g. "1.0".'),
    "order": Key("order", "Place in the list that trainees choose from; 1 comes first."),
    "title": Key(
        "text",
        'What the talk is about, in a few words: "Back to the kitchen".',
    ),
    "level": Key("level", "How hard the talk is. Only instructors see safety-critical ones."),
    "pathway": Key(
        "text",
        'How this person goes about their recovery, e.g. "12-step" or "mental health only".',
    ),
    "seeds": Key("words", "Where the situation comes from: numbers of seed texts, or [] for your own."),
    "content_notice": Key("words", "Hard subjects that come up, shown before the start; [] for none."),
    "card": Key("text", "One or two sentences for the list. Gives nothing away that must be earned."),
    "before_you_start": Key("text", "Shown on the start page: what to know or to have at hand first.", False),
    "persona": Key(
        "@persona",
        "Who this person is. Trainees see name, age, pronouns and place; the rest is for authors and "
        "instructors.",
    ),
    "facts": Key(
        "facts",
        "Every concrete claim that any line makes, once, by a short name. Lines and answers refer to "
        "the name.",
    ),
    "objectives": Key("words", "What the talk is good for practicing, in plain words for the trainee."),
    "targets": Key(
        "indicators",
        "The same as indicators of data/rubric.yml; the session score counts these.",
    ),
    "start": Key("@start", "Where the five values stand at the first word."),
    "sensitivity": Key(
        "sensitivity",
        "What weighs more (above 1) or less (below 1) with this person, by move or by class of moves.",
        False,
    ),
    "rupture": Key("rupture", "What this person does when it breaks: say so, or go quiet."),
    "masking": Key("@masking", "For somebody who says yes to control and means no.", False),
    "suicide_answer": Key(
        "pool",
        "What they say when asked plainly about suicide: honest and not offended. Not a place for hints.",
    ),
    "opening": Key("@opening", "Their first words. This is beat B1."),
    "beats": Key(
        "beats",
        "What they bring into the talk once each, when the moment is right. Start with B2; B1 is the "
        "opening.",
    ),
    "reactions": Key(
        "reactions",
        "What they say first, to how they were just spoken to; by kind and band. A reaction fits any "
        "reply of its kind, and stands before an answer or alone.",
    ),
    "topics": Key(
        "topics",
        "What they answer when asked about something; by topic and band. 45 or more let them answer "
        "most questions.",
    ),
    "talk": Key("talk", "Small talk and odd moments, such as being asked whether they are a bot."),
    "confirm": Key("banded", "Yes to a closed question or a right guess, in their voice."),
    "deny": Key("banded", "No, and setting something right, in their voice."),
    "step_forward": Key("pool", "How they say that they will do their own next step; names nothing hidden."),
    "ruptures": Key("@ruptures", "What they say when it breaks, stays broken, and is mended."),
    "traps": Key("traps", "What trainees fall for here; instructors see the notes.", False),
    "endings": Key("@endings", "Their last words, by how the talk went."),
    "debrief": Key("words", "Questions for the trainee afterwards."),
}

PERSONA: Keys = {
    "name": Key("text", "Full name."),
    "short_name": Key("text", "What they are called."),
    "age": Key("age", "Age in years; adults only."),
    "pronouns": Key("text", "e.g. she/her."),
    "place": Key("text", "Where they live."),
    "about": Key("text", "Who they are and what brings them, for authors and instructors."),
    "voice": Key(
        "text",
        "How this person types: length, case, favorite words, what a joke means; how it changes with trust.",
    ),
    "stage": Key("text", "Where they are with change, e.g. preparation.", False),
    "goals": Key("text", "What they want, in their own words.", False),
    "strengths": Key("words", "What they are good at and would not call a strength.", False),
    "past_wins": Key("words", "What they managed before.", False),
    "triggers": Key("words", "What sets it off.", False),
    "supports": Key("words", "Who is in their corner.", False),
    "barriers": Key("words", "What stands in the way.", False),
}

START: Keys = {
    "trust": Key("percent", "Trust in this trainee. Below 35 the low band speaks, from 65 on the high one."),
    "hope": Key("percent", "Hope. A good ending needs 50."),
    "ownership": Key("percent", "Whose recovery it is. A good ending needs 60."),
    "guard": Key("percent", "Shame and defensiveness; lower is freer."),
    "strain": Key("percent", "Hidden pressure; at 60 it breaks. Mostly 0 at the start."),
}

MASKING: Keys = {
    "guard_above": Key(
        "percent", "While guard is above this, control gets a polite yes and costs trust unseen."
    ),
}

OPENING: Keys = {
    "lines": Key("bubbles", "The chat bubbles of their first message, in order, three at most."),
    "tags": Key("tags", "What the opening is to the scorer."),
    "topics": Key("topic_names", "Topics that the opening brings up.", False),
    "facts": Key("fact_names", "Facts that the opening states.", False),
}

BEAT: Keys = {
    "id": Key("beat_id", "B2, B3 and so on. Those from B5 to B9 are shuffled from session to session."),
    "tags": Key(
        "tags",
        "What it is to the scorer; the session score counts these as openings, so tag honestly.",
    ),
    "lines": Key("pool", "Its wordings, of which one is said; three or more."),
    "topics": Key("topic_names", "Asked about one of these, they give this beat first.", False),
    "openness": Key(
        "percent",
        "Openness from which it may be told. 0 is at once; 35 takes a little trust, 60 a lot.",
        False,
    ),
    "after": Key("beat_names", "Beats that must have been told before.", False),
    "from_turn": Key("turn", "Earliest reply of the trainee after which it may be told.", False),
    "surface": Key(
        "pool",
        "Said when asked while it is locked; gives nothing away. Two or more if openness is above 0.",
        False,
    ),
    "facts": Key("fact_names", "Facts that its lines state.", False),
    "asks": Key("asks", "What it asks of the trainee.", False),
    "if_ownership": Key("percent", "Ownership from which it may be told; for the next step.", False),
    "at_latest": Key(
        "turn",
        "Told from this reply on whatever the openness, for what must not stay hidden; 0 for never.",
        False,
    ),
    "is_next_step": Key(
        "flag",
        "Whether they say here what they will do themselves. At least one beat must.",
        False,
    ),
    "follow_up": Key("pool", "Said when they are asked further, or heard; each adds a detail.", False),
    "if_missed": Key("pool", "Said in the next turn when nobody noticed what they told.", False),
}

LINE: Keys = {
    "say": Key("bubbles_or_text", "The words: one chat bubble, or a list of up to three."),
    "told": Key("beat_names", "Only after these beats were told.", False),
    "topics": Key("topic_names", "Only when the reply was about one of these topics.", False),
    "openness": Key("percent", "Only from this openness on.", False),
    "facts": Key("fact_names", "Facts that the line states.", False),
}

BANDED: Keys = {
    "low": Key("pool", "While trust is below 35."),
    "mid": Key("pool", "While trust is from 35 to 64."),
    "high": Key("pool", "From trust 65 on."),
}

TOPIC: Keys = {
    "low": Key("pool", "An answer that gives little. Two or more."),
    "mid": Key("pool", "An honest answer with some detail. Two or more."),
    "high": Key("pool", "The real thing. Two or more."),
    "again": Key("pool", "Said when asked again; adds something small and new. Two or more.", False),
    "ask_back": Key("pool", "A question that they ask the trainee about it now and then.", False),
    "facts": Key("fact_names", "Facts that any of these lines state.", False),
}

RUPTURES: Keys = {
    "onset": Key("pool", "The moment when it breaks."),
    "during": Key("pool", "While it is not mended; each one shorter or colder."),
    "repaired": Key("pool", "When the trainee has owned it."),
}

ENDINGS: Keys = {
    "good": Key("pool", "They leave with a step of their own."),
    "okay": Key("pool", "Something was gained."),
    "stalled": Key("pool", "It went nowhere, politely."),
    "rupture": Key("pool", "It broke and was not mended."),
}

TRAP: Keys = {
    "id": Key("word", "A short name."),
    "beat": Key("beat_name", "Where it waits.", False),
    "moves": Key("move_names", "What falling for it looks like: moves of data/moves.yml.", False),
    "note": Key("text", "Why it is a trap and what to do instead, in plain words."),
}
