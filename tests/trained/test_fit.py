"""Questions in fresh words find the line that answers them, with the trained model, for every peer.

None of these questions stands in a scenario file. Each is asked first thing in a talk in the band given; the
answer must hold one of the words. A peer who says that they do not know has not answered.
"""

from __future__ import annotations

import pytest

from bot.authoring.rehearsal import Rehearsal, Theater
from bot.engine.content import load_cast
from bot.nlu.prepared_reader import load_prepared_reader
from bot.settings import load_settings

SETTINGS = load_settings({})
CAST = load_cast(SETTINGS.data)
pytestmark = pytest.mark.trained

FRESH = [
    ("kris", "mid", "got any animals at home?", ("Breaker", "cat", "Cat")),
    ("kris", "mid", "hows that shoulder of yours doing", ("houlder", "ice", "Ice", "scan", "Mornings")),
    ("kris", "mid", "are you getting any rest at night?", ("hours", "four", "weekend", "Recliner", "Enough")),
    ("kris", "mid", "how long have you and your wife been a couple", ("Eleven",)),
    ("kris", "mid", "who do you have to lean on?", ("people", "wife", "Tasha")),
    ("marisol", "mid", "whos mateo", ("mateo", "9")),
    ("marisol", "mid", "do you go to any meetings", ("group", "thursday", "nilda")),
    ("marisol", "mid", "any brothers or sisters?", ("brother", "junior", "sister")),
    ("marisol", "mid", "how do you get around town", ("bus",)),
    ("marisol", "mid", "how many months has it been since your last drink", ("5 months", "five")),
    ("terrence", "mid", "what sort of job did you have", ("auto parts", "warehouse")),
    ("terrence", "mid", "got any kids?", ("Camille", "Renee", "girls")),
    ("terrence", "mid", "did you ever serve, terrence?", ("served", "Army", "Kuwait")),
    ("terrence", "mid", "who's the neighbor with the garage?", ("Ellis",)),
    ("terrence", "mid", "what kind of music do you put on", ("radio", "record", "gospel", "soul")),
    ("rowan", "mid", "whats your job", ("sound", "theater")),
    ("rowan", "mid", "are you dating anybody", ("single", "nobody", "no one", "dating", "ex", "app")),
    ("rowan", "mid", "what would you like to get out of cutting down", ("morning", "dread")),
    ("yusuf", "mid", "when did you lose your dad", ("ten months", "Ten months")),
    ("yusuf", "mid", "what are you in school for?", ("Statistics", "pharmac", "class")),
    ("yusuf", "mid", "are you somebody who prays", ("pray", "Friday", "mosque")),
    ("ravi", "mid", "how old is your little girl", ("leven",)),
    ("ravi", "mid", "what does your wife do for a living", ("therapist",)),
    ("ravi", "mid", "what did you teach", ("orchestra", "music", "strings", "violin", "band")),
    ("nico", "mid", "what have you been reading lately", ("Le Guin", "novel", "book")),
    ("nico", "mid", "do you have a daughter", ("daughter", "Eleni")),
    ("nico", "mid", "what did you do while you were inside", ("dogs", "fractions", "library", "read")),
    ("ruthann", "mid", "whats your dog called", ("Biscuit",)),
    ("ruthann", "mid", "how long were you two married", ("years",)),
    ("ruthann", "mid", "who is carol to you?", ("niece", "Carol")),
]  # fmt: skip


@pytest.fixture(scope="module")
def theater() -> Theater:
    return Theater(SETTINGS.data, load_prepared_reader(None, SETTINGS, threads=1))


@pytest.mark.parametrize(("peer", "standing", "question", "words"), FRESH)
def test_a_fresh_question_finds_its_answer(theater, peer, standing, question, words):
    scenario = CAST.scenarios[peer]
    written = {phrase for line in scenario.lines() for phrase in line.asked}
    assert question not in written, "this question was written for a line; ask it in other words"
    turn = Rehearsal(theater, scenario, 1, standing).say(scenario, question)
    said = " / ".join(thing["text"] for thing in turn["said"])
    assert any(word in said for word in words), said


@pytest.mark.parametrize("peer", list(CAST.scenarios))
@pytest.mark.parametrize(
    "question", ["whats the boiling point of lead?", "whats the capital of france", "do aliens exist?"]
)
def test_what_nobody_prepared_is_not_answered_with_something_else(theater, peer, question):
    scenario = CAST.scenarios[peer]
    turn = Rehearsal(theater, scenario, 1, "mid").say(scenario, question)
    general = ("talk.", "reactions.", "no_answer.")
    assert all(thing["line"].startswith(general) for thing in turn["said"]), turn["said"]


def test_choosing_takes_well_under_five_milliseconds(theater):
    from time import perf_counter

    from bot.peer.choice import choose
    from bot.peer.decision import Situation
    from bot.peer.hearing import Heard

    scenario = CAST.scenarios["kris"]
    talk = Rehearsal(theater, scenario, 1, "mid")
    text = "That sounds heavy. How is your shoulder? Do you have pets?"
    reading = theater.reader.read(text, "", scenario)
    spans = tuple((part.start, part.end) for part in reading.sentences)
    heard = Heard(
        questions=2, asking=spans[-2:], prepared=tuple(reading.prepared), is_question=True, words=11
    )
    progress = talk._progress
    situation = Situation(scenario, theater.dynamics, 1, 3, progress.state, None, heard, progress.memory)
    choose(situation)
    took = []
    for _ in range(30):
        start = perf_counter()
        choose(situation)
        took.append(perf_counter() - start)
    assert sorted(took)[15] < 0.005
