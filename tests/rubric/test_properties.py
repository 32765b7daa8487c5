"""What must hold for every reply and every session, whatever is in it."""

import json
from dataclasses import replace

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from actions.assessment import History, assess_reply
from actions.rubric import CRITERIA, TAGS
from actions.session_score import SessionTally, score_session
from bot.reading import Evidence, Mention, Reading, Sentence
from tests.rubric.build import peer, rubric

SLOTS = (
    "early morning coffee.",
    "long bus ride.",
    "the kitchen door?",
    "my garden fence.",
    "that quiet street.",
)
TEXT = " ".join(SLOTS)
STARTS = [TEXT.index(slot) for slot in SLOTS]
MOVES = list(rubric().moves)
ADHERENT = [name for name in MOVES if rubric().moves[name].kind == "A"]
HARMFUL = [name for name in MOVES if rubric().moves[name].kind == "X"]
PEER_TAGS = [tag for tag in TAGS if tag not in ("start", "any")]
LINES = (
    "the bus was late and the kitchen is loud",
    "yeah ok",
    "nah not really",
    "i used again. sick of it",
    "",
)
KINDS = ("stigma_term", "jargon", "to_scorer", "greeting", "asks_suicide", "caps_shouting")

quick = settings(max_examples=40, deadline=None, derandomize=True, database=None)

turns = st.builds(
    lambda line, tags: peer(line, " ".join(tags)),
    st.sampled_from(LINES),
    st.lists(st.sampled_from(PEER_TAGS), max_size=4),
)
filled = st.dictionaries(st.integers(0, 4), st.sampled_from(MOVES), max_size=5)
WEIGHED = sorted(rubric().reply.doubt["weighed"])
doubtful = st.dictionaries(
    st.integers(0, 4),
    st.dictionaries(st.sampled_from(WEIGHED), st.sampled_from([0.04, 0.06, 0.12, 0.2]), max_size=3),
    max_size=4,
)
similar = st.sampled_from([0.0, 0.2, 0.5])


def make(moves, likeness=0.2, kinds=(), number=0, doubts=None):
    """Make a reading with one move per slot; a number makes the text another one.

    `doubts` maps a slot to what it may have been besides.
    """
    text = TEXT if not number else TEXT + f" number {number}" * 4 + "."
    sentences = [
        Sentence(start, start + len(slot), _likely(at, moves, doubts or {}), slot.endswith("?"))
        for at, (start, slot) in enumerate(zip(STARTS, SLOTS, strict=True))
    ]
    spans = [
        Evidence(STARTS[at], STARTS[at] + len(SLOTS[at]), move, 0.8) for at, move in sorted(moves.items())
    ]
    mentions = [Mention(kind, "t", 0, 5, text[:5]) for kind in kinds]
    return Reading(
        text, tuple(sentences), tuple(spans), (), tuple(mentions), tuple([likeness] * len(sentences))
    )


def _likely(at, moves, doubts):
    if at not in doubts:
        return {}
    return {**doubts[at], **({moves[at]: 0.8} if at in moves else {})}


kinds_said = st.lists(st.sampled_from(KINDS), max_size=2)
readings = st.builds(make, filled, similar, kinds_said, st.integers(0, 9), doubtful)
talks = st.lists(st.tuples(turns, readings), max_size=6)


def play(talk, is_stored=False):
    history, tally, judged = History.empty(), SessionTally.empty(), []
    for turn, reply in talk:
        if is_stored:
            history = History.from_dict(json.loads(json.dumps(history.to_dict())))
            tally = SessionTally.from_dict(json.loads(json.dumps(tally.to_dict())))
            reply = Reading.from_entities(reply.text, reply.to_entities())
        assessment, history = assess_reply(rubric(), reply, turn, history)
        tally = tally.add(assessment, turn)
        judged.append(assessment)
    return judged, history, tally


@quick
@given(talks)
def test_everything_is_bounded(talk):
    judged, _, tally = play(talk)
    for assessment in judged:
        assert 0 <= assessment.overall <= 100
        assert all(0 <= score.value <= 100 for score in assessment.criteria.values())
        assert len(assessment.feedback) <= 2
    score = score_session(rubric(), replace(tally, substantive=9))
    assert all(0 <= value <= 100 for value in score.criteria.values())
    assert all(1 <= value <= 5 for value in score.indicators.values())


@quick
@given(talks, turns, filled, st.integers(0, 4), st.sampled_from(ADHERENT), similar, doubtful)
def test_one_more_adherent_move_never_lowers_a_criterion(before, turn, moves, slot, extra, likeness, doubts):
    assume(slot not in moves)
    _, history, _ = play(before)
    less, _ = assess_reply(rubric(), make(moves, likeness, doubts=doubts), turn, history)
    more, _ = assess_reply(rubric(), make({**moves, slot: extra}, likeness, doubts=doubts), turn, history)
    for key in CRITERIA:
        assert more.criteria[key].value >= less.criteria[key].value - 1e-6, (key, extra)


@quick
@given(talks, turns, filled, st.integers(0, 4), st.sampled_from(HARMFUL), similar, doubtful)
def test_one_more_harmful_move_never_raises_a_criterion(before, turn, moves, slot, extra, likeness, doubts):
    """Stated exception: advice that they asked for or agreed to is no harm (R1, R3)."""
    assume(slot not in moves)
    _, history, _ = play(before)
    less, _ = assess_reply(rubric(), make(moves, likeness, doubts=doubts), turn, history)
    more, _ = assess_reply(rubric(), make({**moves, slot: extra}, likeness, doubts=doubts), turn, history)
    invited = {id(move) for move in (*more.moves, *more.repeats) if {"R1", "R3"} & set(move.context)}
    assume(not invited)
    for key in CRITERIA:
        assert more.criteria[key].value <= less.criteria[key].value + 1e-6, (key, extra)


@quick
@given(talks, turns, filled, doubtful, st.randoms(use_true_random=False))
def test_order_of_spans_does_not_matter(before, turn, moves, doubts, random):
    _, history, _ = play(before)
    reply = make(moves, doubts=doubts)
    shuffled = list(reply.spans)
    random.shuffle(shuffled)
    assert assess_reply(rubric(), reply, turn, history) == assess_reply(
        rubric(), replace(reply, spans=tuple(shuffled)), turn, history
    )


@quick
@given(talks)
def test_a_session_is_the_same_live_and_replayed_from_storage(talk):
    live, stored = play(talk), play(talk, is_stored=True)
    assert [a.to_dict() for a in live[0]] == [a.to_dict() for a in stored[0]]
    assert live[1] == stored[1] and live[2] == stored[2]
    assert score_session(rubric(), live[2]) == score_session(rubric(), stored[2])


@quick
@given(talks)
def test_assessments_are_ready_for_json(talk):
    for assessment in play(talk)[0]:
        assert json.loads(json.dumps(assessment.to_dict())) == assessment.to_dict()


def test_memory_stays_small_in_a_long_session():
    turn = "the {0} bus was late in the {0} street with {0} people and a dog called {0}"
    history, tally = History.empty(), SessionTally.empty()
    sizes = []
    for number in range(400):
        said = peer(turn.format(f"word{number}"), "disc win dec")
        reply = make({0: MOVES[number % 40], 2: MOVES[number * 7 % 40]}, number=number)
        assessment, history = assess_reply(rubric(), reply, said, history)
        tally = tally.add(assessment, said)
        sizes.append(len(json.dumps(history.to_dict())) + len(json.dumps(tally.to_dict())))
    assert max(sizes) < 40_000
    assert sizes[399] < sizes[330] * 1.05
