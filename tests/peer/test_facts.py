"""Every line of every peer held against that peer's facts: numbers, names, kin, ages, and what is not so.

A fact is written down once, in the scenario file. A line that says a number, a name or a relative that no
fact has is an invention, and a line that says otherwise than the facts is a contradiction.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from bot.engine.content import load_cast
from bot.peer.claims import claimed
from bot.peer.lines import Line
from bot.peer.scenario import Scenario
from bot.settings import load_settings

CAST = load_cast(load_settings({}).data)
PEERS = list(CAST.scenarios)
LOWER_CASE = ("marisol", "rowan")
"""Those who type without capitals."""

_UP_TO_19 = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
).split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
SMALL = {word: number for number, word in enumerate(_UP_TO_19)} | {
    word: 20 + 10 * number for number, word in enumerate(_TENS)
}
_NUMBER = re.compile(r"\d{1,2}:\d\d|\d[\d,]*|[a-z]+")

EVERYDAY = {"0", "1", "2", "3", "10", "20", "50", "100"}
"""Small and round numbers that anybody says of anything: "one thing", "by three", "in ten minutes"."""

FIGURES_OF_SPEECH = re.compile(
    r"(?:a|one) hundred (?:percent|times|miles|years)|hundred percent|\b\d\d? percent|9 to 5|24/7|\b988\b"
)


def numbers(text: str) -> list[str]:
    """Return the numbers in a text, spelled out or not: "seventy-six" is 76, "four hundred and two" 402."""
    plain = FIGURES_OF_SPEECH.sub(" ", text.lower().replace("’", "'"))
    found: list[str] = []
    value: int | None = None
    for token in [*_NUMBER.findall(plain.replace("-", " ")), ""]:
        if token in SMALL and not (value is not None and value % 100 and (value % 10 or SMALL[token] > 9)):
            value = (value or 0) + SMALL[token]
        elif token == "hundred":
            value = (value or 1) * 100
        elif token == "and" and value is not None and value % 100 == 0:
            continue
        else:
            if value is not None:
                found.append(str(value))
            value = SMALL.get(token)
            if token[:1].isdigit():
                found.append(token.replace(",", ""))
    return found


def test_numbers_are_read_as_people_write_them():
    text = "seventy-six, a hundred and eighteen, four hundred and twelve, 1,440 at 5:05; two eighty-eight"
    assert numbers(text) == ["76", "118", "412", "1440", "5:05", "2", "88"]
    assert numbers("a hundred percent, five or six") == ["5", "6"]


def known_text(scenario: Scenario) -> str:
    """Return all that the file says about the person outside their lines."""
    persona = scenario.persona
    notes = [str(note) for note in persona.notes.values()]
    facts = [f"{name.replace('_', ' ')} {fact}" for name, fact in scenario.facts.items()]
    return " . ".join([persona.name, str(persona.age), persona.place, persona.about, *notes, *facts])


def lines_of(scenario: Scenario) -> Iterator[Line]:
    """Give each line once."""
    yield from {line.id: line for line in scenario.lines()}.values()


@pytest.mark.parametrize("peer", PEERS)
def test_every_number_stands_in_a_fact(peer):
    scenario = CAST.scenarios[peer]
    known = {*numbers(known_text(scenario)), *EVERYDAY}
    # Being ready "about a six" is an answer of the moment, not a fact.
    scales = {
        line.id
        for topic in ("readiness", "confidence")
        for pool in (*scenario.topics[topic].by_band.values(), scenario.topics[topic].again)
        for line in pool
    }
    invented = [
        f"{line.id}: {number} in {line.text!r}"
        for line in lines_of(scenario)
        for number in numbers(line.text)
        if number not in known and not (line.id in scales and number.isdigit() and int(number) <= 10)
    ]
    assert invented == []


_NUMBER_WORD = rf"(?:{'|'.join(_TENS)})(?:[- ](?:{'|'.join(_UP_TO_19[1:10])}))?|{'|'.join(_UP_TO_19)}|\d+"
_LENGTH = re.compile(rf"\b({_NUMBER_WORD})(?: more| whole| dry)?[- ](day|week|month|year)s?\b(?! old)")


def lengths_of_time(text: str) -> set[tuple[str, str]]:
    """Return the lengths of time in a text, in days and longer: "fourteen months" is ("14", "month")."""
    return {(numbers(number)[0], unit) for number, unit in _LENGTH.findall(text.lower()) if numbers(number)}


@pytest.mark.parametrize("peer", PEERS)
def test_every_length_of_time_stands_in_a_fact(peer):
    """So nobody is sober for five months in one line and for six in another."""
    scenario = CAST.scenarios[peer]
    known = lengths_of_time(known_text(scenario))
    invented = [
        f"{line.id}: {length} in {line.text!r}"
        for line in lines_of(scenario)
        for length in lengths_of_time(line.text)
        if length not in known and int(length[0]) > 3
    ]
    assert invented == []


ONE_VALUE = {
    "marisol": ((r"(\w+) months,? (?:on |this )?(?:friday|no drink|sober|clean|without)", "5"),
                (r"friday (?:makes|is) (\w+) months", "5"), (r"mateo,? (?:is )?(\d+)\b", "9")),
    "terrence": ((r"(\w+) seasons", "6"), (r"(\w+) evenings", "4"), (r"(\w+) containers", "12")),
    "rowan": ((r"(\w+) (?:dry days|days dry|days off it)", "12"),),
    "yusuf": ((r"(?:passed away|died) (\w+) months ago", "10"), (r"(\w+) boys", "5 30")),
    "kris": ((r"(\w+) months (?:on|clean|sober|in|now|gone)", "14"), (r"used (\w+) times", "2")),
    "nico": ((r"(\w+) (?:of them |men |guys )?passed", "9"), (r"home (\w+) months", "4")),
    "ruthann": ((r"dale(?:'s been gone| passed| died)? (\w+) months", "14"), (r"ninety-(\w+) miles", "7")),
    "ravi": ((r"(\w+) weeks old", "11"),),
}  # fmt: skip
"""What a person would not get wrong about themselves: a pattern with one number, and what it may be."""


def test_one_fact_has_one_value():
    found, wrong = set(), []
    for peer, patterns in ONE_VALUE.items():
        for line in lines_of(CAST.scenarios[peer]):
            for pattern, allowed in patterns:
                for said in re.findall(pattern, line.text.lower()):
                    if numbers(said):
                        found.add(peer)
                        if numbers(said)[0] not in allowed.split():
                            wrong.append(f"{line.id}: {said} in {line.text!r}")
    assert wrong == []
    assert found >= set(ONE_VALUE) - {"ravi"}, "a pattern that finds nothing checks nothing"


_NAME = re.compile(r"(?<![.!?…:\"'“(] )(?<![…'])(?<!^)(?<!\n)\b([A-Z][a-zé]+)\b")
EVERYBODY_KNOWS = frozenset(
    """Monday Tuesday Wednesday Thursday Friday Saturday Sunday Mondays Tuesdays Wednesdays Thursdays Fridays
    Saturdays Sundays January February March April May June July August September October November December
    Christmas Thanksgiving Easter God Lord Jesus Lent Ramadan Eid Quran English Spanish American America
    Army Navy Bible Internet Google Crisis Lifeline Mr Mrs Ms Dr Mom Dad Grandma Grandpa Aunt Uncle Jesus OK
    Okay Facebook Lifeline""".split()
)


def names_in(text: str) -> list[str]:
    """Return the words with a capital inside a sentence."""
    return [name for name in _NAME.findall(text) if name not in EVERYBODY_KNOWS]


@pytest.mark.parametrize("peer", [peer for peer in PEERS if peer not in LOWER_CASE])
def test_every_name_is_one_of_theirs(peer):
    scenario = CAST.scenarios[peer]
    known = set(re.findall(r"[a-zé]+", known_text(scenario).lower()))
    strange = [
        f"{line.id}: {name} in {line.text!r}"
        for line in lines_of(scenario)
        for name in names_in(line.text)
        if name.lower() not in known and name.lower().removesuffix("s") not in known
    ]
    assert strange == []


@pytest.mark.parametrize("peer", LOWER_CASE)
def test_nobody_speaks_of_another_peers_people(peer):
    """Those who type in lower case give no names away by capitals, so names are held against all casts."""
    own = set(re.findall(r"[a-zé]+", known_text(CAST.scenarios[peer]).lower()))
    others = {
        name.lower()
        for other in PEERS
        if other != peer
        for fact in CAST.scenarios[other].facts.values()
        for name in re.findall(r"(?<=[a-z,;:(] )([A-Z][a-z]{2,})", fact)
    } - {word.lower() for word in EVERYBODY_KNOWS}
    ordinary = set(ORDINARY_WORDS.split())
    strange = [
        f"{line.id}: {word} in {line.text!r}"
        for line in lines_of(CAST.scenarios[peer])
        for word in re.findall(r"[a-zé]+", line.text.lower())
        if word in others - own - ordinary
    ]
    assert strange == []


ORDINARY_WORDS = "bus road dale done street dot lab strong west"
"""Words that are a name in another scenario and an ordinary word everywhere."""

KIN = {
    "mother": "mother mom mama mami ma mum hooyo", "father": "father dad papa papi aabo pop",
    "son": "son boy kid", "daughter": "daughter girl kid",
    "wife": "wife partner", "husband": "husband partner",
    "brother": "brother", "sister": "sister", "aunt": "aunt titi auntie tia", "uncle": "uncle tio",
    "grandmother": "grandmother grandma abuela lola nana", "grandfather": "grandfather grandpa lolo abuelo",
    "niece": "niece", "nephew": "nephew", "cousin": "cousin cousins", "ex": "ex",
    "girlfriend": "girlfriend", "boyfriend": "boyfriend",
}  # fmt: skip
"""Words for relatives, with the words of a fact that cover them."""
PLACED = re.compile(
    r"\bmy (?:little |big |older |younger |old |own |late )*(" + "|".join(KIN) + r"|mom|dad|kid|kids)s?\b"
)
SAME = {"mom": "mother", "dad": "father", "kid": "son", "kids": "son"}


@pytest.mark.parametrize("peer", PEERS)
def test_every_relative_stands_in_a_fact(peer):
    scenario = CAST.scenarios[peer]
    known = set(re.findall(r"[a-zé]+", known_text(scenario).lower()))
    strange = []
    for line in lines_of(scenario):
        for kin in PLACED.findall(line.text.lower()):
            words = KIN[SAME.get(kin, kin)].split() + (
                ["daughter", "child", "children"] if "kid" in kin else []
            )
            if not known & {form for word in words for form in (word, word + "s")}:
                strange.append(f"{line.id}: {kin} in {line.text!r}")
    assert strange == []


@pytest.mark.parametrize("peer", PEERS)
def test_the_age_they_say_is_their_age(peer):
    scenario = CAST.scenarios[peer]
    said = re.compile(
        r"\b(?:i'm|im|i am) (?:only |already )?([a-z]+(?:-[a-z]+)?|\d\d)(?: years old)?(?=[.,;!?]| and\b|$)"
    )
    wrong = [
        line.id
        for line in lines_of(scenario)
        for age in said.findall(line.text.lower())
        if [number for number in numbers(age) if int(number) > 17] not in ([], [str(scenario.persona.age)])
    ]
    assert wrong == []


def ages_of_people(text: str) -> dict[str, set[str]]:
    """Return how old a text says that people are, by first name: "Mateo, 9" or "Mateo is nine"."""
    found: dict[str, set[str]] = {}
    of_age = re.compile(
        rf"\b([a-zé]{{3,}})(?:,| is|'s|s)? (?:only |just |now )?({_NUMBER_WORD})(?=[.,;!)]| and\b|$)"
    )
    for name, age in of_age.findall(text.lower()):
        said = numbers(age)
        if len(said) == 1:
            found.setdefault(name, set()).add(said[0])
    return found


@pytest.mark.parametrize("peer", PEERS)
def test_people_are_as_old_as_the_facts_have_it(peer):
    scenario = CAST.scenarios[peer]
    names = {name.lower() for name in re.findall(r"\b([A-Z][a-z]{2,}), \d\d?\b", known_text(scenario))}
    true = {name: ages for name, ages in ages_of_people(known_text(scenario)).items() if name in names}
    assert true, "somebody has an age in the facts"
    wrong = [
        f"{line.id}: {name} is {said} in {line.text!r}"
        for line in lines_of(scenario)
        for name, said in ages_of_people(line.text).items()
        if name in true and not said <= true[name]
    ]
    assert wrong == []


SECOND_PERSON = (
    (r"\bi'm\b|\bim\b", "you are"), (r"\bi've\b|\bive\b", "you have"), (r"\bi\b", "you"), (r"\bmy\b", "your"),
    (r"\bme\b", "you"),
)  # fmt: skip


def about_them(text: str) -> str:
    """Return a line as somebody else would say it of them."""
    said = text.lower().replace("’", "'")
    for pattern, other in SECOND_PERSON:
        said = re.sub(pattern, other, said)
    return said


def test_a_line_is_turned_round():
    assert (
        about_them("I'm single and my son says I've changed")
        == "you are single and your son says you have changed"
    )


@pytest.mark.parametrize("peer", PEERS)
def test_no_line_says_what_is_not_so(peer):
    scenario = CAST.scenarios[peer]
    assert scenario.claims, "a peer without claims can neither confirm nor set right"
    wrong = [
        f"{line.id} ({claim.topic}): {line.text!r}"
        for line in lines_of(scenario)
        for claim in claimed(about_them(line.text), scenario.claims)
        if not claim.is_true and not claim.is_asked and line.id not in TOLD_OF_OTHERS
    ]
    assert wrong == []


TOLD_OF_OTHERS = frozenset(
    {
        "marisol:topics.health_pain.high.1",  # what she told people then
        "terrence:topics.triggers.again.2",  # he quit reading job alerts, not a job
        "rowan:topics.children.again.2",  # a cousin's kid
        "kris:topics.hopes_goals.high.2",  # a pupil
        "nico:topics.transport.high.1",  # had one once
        "ruthann:topics.family.mid.1",  # her husband's brother
        "ruthann:topics.hobbies.mid.2",  # what people think
        "ruthann:topics.military.high.1",  # a mother on her route
        "ravi:topics.parents.high.2",  # his own mother
        "ravi:topics.loneliness.high.1",  # a choir
    }
)
"""Lines in which somebody else is spoken of, or another time."""
