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

SCENARIO_ID = r"^[a-z][a-z0-9_]{1,30}$"
"""What a scenario may be called: it is a file name, a part of addresses and of line ids."""

BEAT_ID = r"^B[0-9]{1,2}[a-z]?$"


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
    "is_draft": Key(
        "flag",
        "true while you are still writing: only instructors can begin this talk. Take it out when done.",
        False,
    ),
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
        "lines",
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
    "claims": Key(
        "claims",
        "What trainees say or ask about them that is true or not, by topic; lets them say yes, no and "
        "set a mistake right.",
        False,
    ),
    "corrects": Key(
        "pool",
        'What it really is, said after a no: "its not the work, its the hour after it". A line with topics '
        "answers a guess about one of them.",
        False,
    ),
    "opening_again": Key(
        "@opening_again", "First words when the same trainee comes back; the opening without them.", False
    ),
    "no_answer": Key(
        "@no_answer",
        "Said when nothing was prepared for a question, by how it begins: commits to no fact and still fits "
        "nearly every such question. Where a form has no lines, `talk.unknown_question` is said.",
        False,
    ),
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
    "lines": Key("lines", "Its wordings, of which one is said; three or more."),
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
    "if_state": Key(
        "state_bounds",
        "Only while the inner state lies so, e.g. {guard_above: 45, hope_below: 50}.",
        False,
    ),
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
    "asked": Key(
        "words",
        'Questions that this line answers, as trainees type them. "~" before one: only as a follow-up to its '
        'own beat or topic. "=" before one: a remark after which they would say this.',
        False,
    ),
    "told": Key("beat_names", "Only after these beats were told.", False),
    "untold": Key("beat_names", "Only as long as none of these beats was told.", False),
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
    "onset": Key("lines", "The moment when it breaks."),
    "during": Key("lines", "While it is not mended; each one shorter or colder."),
    "repaired": Key("lines", "When the trainee has owned it."),
}

OPENING_AGAIN: Keys = {
    "after_good": Key("pool", "Last time ended well."),
    "after_break": Key("pool", "Last time it broke and was not mended."),
    "otherwise": Key("pool", "Any other end."),
}

NO_ANSWER: Keys = {
    "why": Key("pool", 'To a why: "No reason I could hand you."', False),
    "who": Key("pool", "To a who.", False),
    "when": Key("pool", "To a when.", False),
    "where": Key("pool", "To a where.", False),
    "count": Key("pool", "To how many, how long, how often, how old.", False),
    "whether": Key("pool", "To do you, is it, have you ever: neither a clear yes nor a clear no.", False),
    "open": Key("pool", "To what, how, which, tell me.", False),
}
"""Names are the forms of `bot/nlu/same_questions.py`."""

CLAIM: Keys = {
    "holds": Key("words", "Phrases that are true: words in order, a|b is either.", False),
    "fails": Key("words", "Phrases that are not true.", False),
    "count": Key("words", "Words that a number goes with.", False),
    "is": Key("words", "The numbers that are right, such as 9 or 5 months.", False),
}

ENDINGS: Keys = {
    "good": Key("lines", "They leave with a step of their own."),
    "okay": Key("lines", "Something was gained."),
    "stalled": Key("lines", "It went nowhere, politely."),
    "rupture": Key("lines", "It broke and was not mended."),
}

TRAP: Keys = {
    "id": Key("word", "A short name."),
    "beat": Key("beat_name", "Where it waits.", False),
    "moves": Key("move_names", "What falling for it looks like: moves of data/moves.yml.", False),
    "note": Key("text", "Why it is a trap and what to do instead, in plain words."),
}

REACTION_HELP: Mapping[str, str] = {
    "heard": "A reflection that fits.",
    "heard_deep": "A reflection that caught what lay underneath.",
    "misheard": "A reflection that missed; they set it right.",
    "validated": "Told that what they feel makes sense.",
    "given_choice": "Their say, their pace or their own route was honored.",
    "asked_permission": 'Asked "can I share something?". Low is a guarded yes, high a warm one.',
    "invited": "Asked to steer, to set the goal or to list ideas, with no particular answer ready.",
    "leveled": "The trainee stepped off the pedestal or was honest about the role.",
    "story_shared": "A short story of the trainee's own, handed back.",
    "linked": "People, groups or services offered as a choice.",
    "strength_named": "A particular strength named, a view turned to the good, or belief in them.",
    "strength_asked": "Asked about strengths, reasons or their own ideas, with no particular answer ready.",
    "praised": "Empty praise.",
    "informed": "A plain fact given.",
    "advised_ok": "Advice after they asked or agreed.",
    "advised": "Advice that nobody asked for.",
    "ordered": "Told what to do.",
    "pressured": "Guilt, a deadline or a scare.",
    "blamed": "Blamed or argued with.",
    "labeled": "A stigma word, a diagnosis or a list of faults.",
    "minimized": "Made small, at-leasted, cheered up.",
    "outranked": "Expert talk, jargon or a lecture.",
    "imposed": "One true path.",
    "hijacked": "The trainee's own story took over.",
    "taken_over": "The trainee offers to do it for them.",
    "isolated": "Told to stay away from people.",
    "overstepped": "Medical or legal direction, or secrecy or an outcome promised.",
    "skipped": "They said something hard and got logistics or a question of fact.",
    "interrogated": "Three questions at once.",
    "apologized": "The trainee mends something.",
    "safety_asked": "Asked about suicide, beyond `suicide_answer`.",
    "thin": 'The trainee said "ok" or "hm"; they fill the gap.',
    "repeated": "The trainee said the same thing again.",
    "question": 'A short lead-in before they answer an open question: "hm." or "honestly?".',
}

TALK_HELP: Mapping[str, str] = {
    "greeting": "Answers a hello.",
    "goodbye": "Answers a goodbye that does not end the talk.",
    "thanks": "Answers a thank-you.",
    "how_are_you": 'Answers "how are you?".',
    "joke": "Answers a joke.",
    "silence": "Nothing was typed, or only dots.",
    "about_trainee": "The trainee told something about themselves.",
    "asks_about_trainee_back": "Asks the trainee about themselves.",
    "are_you_bot": "Asked whether they are real: honest that this is practice, still in their voice.",
    "out_of_character": "Asked for a poem, code or instructions: says no in their voice.",
    "insult_first": "The first hostile line.",
    "off_topic": "Something far from the talk.",
    "repeated_question": "Asked the same thing for the third time.",
    "contradiction": "The trainee claims something about them that is not so.",
    "unreadable": "Keyboard noise or a lone emoji: asks what was meant.",
    "other_language": "Something in another language.",
    "unknown_question": "A question that nothing was prepared for: plausible, invents no facts. Ten or more.",
    "moving_on": "Nothing to react to; they go on by themselves. Ten or more a band.",
    "medical_deflect": "Something medical: leaves it to people whose job it is.",
    "waiting": "They asked something and got no answer.",
    "bridge": 'A word before something that comes out of nowhere: "anyway, other thing."',
    "instead": 'Before they tell something else than what was asked: "no idea. what i do know is this."',
}
