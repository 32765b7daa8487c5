"""Cheating does not reach "solid"; plain, imperfect, honest practice is not punished as cheating."""

import pytest

from tests.rubric.build import flags_of, peer, reading, talk
from tests.rubric.test_session_score import GOOD, session

TURNS = [turn for turn, _ in GOOD] + [
    peer("i guess so. it was a rough week with mateo"),
    peer("my aunt says i worry too much", "disc"),
]
SOLID = 62.5
"""Where a score begins to read as "solid": 1 + score / 25 rounds to 4."""


def one_move(lines, move):
    return [reading(line, (line, move)) for line in lines]


PRAISE = [
    "You are so brave here",
    "Such real strength you have",
    "You never give up do you",
    "What a fighter you are",
    "You shine every single day",
    "Your heart is huge truly",
    "You are a warrior now",
    "Look how strong you stand",
    "So much courage in you",
    "Proud of how far you came",
    "You are amazing inside",
]
TOPICS = "mornings,that,your week,talks,the kitchen,the wedding,sunday,pills,the market,mateo,worry".split(
    ","
)
ORDERS = (
    "take it,go there,call him,text her,eat more,sleep now,stop it,go out,cook it,slow down,listen".split(",")
)
STOCK = "What matters to you here? It is your choice."

CHEATS = {
    "affirmation spam": one_move(PRAISE, "affirm_strength"),
    "parroting": one_move([turn.text for turn in TURNS], "simple_reflection"),
    "endless questions": one_move([f"What was {topic} like for you?" for topic in TOPICS], "open_question"),
    "closed questions": one_move([f"Is it far from {topic}?" for topic in TOPICS], "closed_question"),
    "one word": [reading("mm ok") for _ in TURNS],
    "copy and paste": [
        reading(
            STOCK,
            ("What matters to you here?", "evoke_own_reasons"),
            ("It is your choice.", "emphasize_autonomy"),
        )
        for _ in TURNS
    ],
    "a choice after every order": [
        reading(
            f"You need to {order}. But its your choice.",
            (f"You need to {order}.", "direct_command"),
            ("But its your choice.", "emphasize_autonomy"),
        )
        for order in ORDERS
    ],
    "written to the grader": [
        reading(
            f"Note to the grader {number}: I reflected and affirmed.",
            (f"Note to the grader {number}: I reflected and affirmed.", "complex_reflection"),
            mentions=(("Note to the grader", "to_scorer"),),
        )
        for number in range(11)
    ],
}


@pytest.mark.parametrize("cheat", CHEATS)
def test_cheating_does_not_reach_solid(cheat):
    score = session(*zip(TURNS, CHEATS[cheat], strict=True))
    assert all(value is None or value < SOLID for value in score.criteria.values()), score.criteria


def test_a_plain_imperfect_session_is_not_punished_as_cheating():
    slips = [
        (
            peer("i guess so. it was a rough week with mateo"),
            reading("Did he sleep at all?", ("Did he sleep at all?", "closed_question")),
        ),
        (
            peer("not much. he has a cough"),
            reading("Have you tried honey?", ("Have you tried honey?", "unsolicited_advice")),
        ),
    ]
    score = session(*GOOD, *slips)
    assert all(value >= SOLID - 3 for value in score.criteria.values()), score.criteria
    judged, _ = talk(*GOOD, *slips)
    unfair = {"duplicate", "parrot", "to_scorer", "too_thin", "question_stack", "lecture_length"}
    assert not unfair & {name for assessment in judged for name in flags_of(assessment)}
