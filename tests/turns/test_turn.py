"""One turn from reading to view: what is kept, what is not scored, and that it can be replayed."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from actions.turn import Progress, first_progress, load_stage, openings, score_progress, take_turn
from bot.reading import Evidence, Mention, Reading, Sentence, Topic
from bot.settings import load_settings


@pytest.fixture(scope="module")
def stage():
    return load_stage(load_settings({}).data)


def reading(text, *moves, topics=(), mentions=(), is_question=False):
    """Return a reading in which each move covers its share of the text."""
    step = max(1, len(text) // max(1, len(moves)))
    spans = tuple(
        Evidence(n * step, (n + 1) * step if n + 1 < len(moves) else len(text), m, 0.9)
        for n, m in enumerate(moves)
    )
    return Reading(
        text=text,
        sentences=tuple(Sentence(s.start, s.end, {s.move: 0.9}, is_question) for s in spans),
        spans=spans,
        topics=tuple(Topic(topic, 0, len(text), 0.9, True) for topic in topics),
        mentions=tuple(Mention(kind, "test", 0, len(text), text) for kind in mentions),
        similarity=tuple(0.4 for _ in spans),
    )


HEARD = reading("so the weekend took the floor out from under you", "complex_reflection")
BLAME = reading("so you threw it all away again", "confront_blame")


def play(stage, replies, seed=7, scenario="kris", **options):
    person = stage.cast.scenarios[scenario]
    progress, results = first_progress(person, stage.cast.dynamics, seed), []
    for number, reply in enumerate(replies):
        result = take_turn(stage, person, progress, reply, seed=seed, message_id=f"m{number}", **options)
        progress = Progress.from_dict(json.loads(json.dumps(result.progress.to_dict())))
        assert progress == result.progress, "what is kept must come back as it was"
        results.append(result)
    return results


def test_hearing_raises_trust_and_blame_breaks_it(stage):
    heard, blamed = play(stage, [HEARD])[0], play(stage, [BLAME])[0]
    assert heard.view["shown"]["trust"] > heard.before["trust"]
    assert blamed.view["shown"]["trust"] < blamed.before["trust"]
    assert blamed.assessment.overall < 30 < heard.assessment.overall


def test_what_was_weighed_is_kept_with_the_judgement(stage):
    result = play(stage, [HEARD])[0]
    won = [candidate["pool"] for candidate in result.choice if candidate["won"]]
    assert won == [said.pool for said in result.progress.answered]
    assert all({"score", "why", "action"} <= candidate.keys() for candidate in result.choice)


def test_nods_in_a_row_leave_the_peer_alone_with_it(stage):
    nod = reading("ok", mentions=("backchannel",))
    in_a_row = [turn.view["state"]["thin_replies"] for turn in play(stage, [nod] * 5, scenario="terrence")]
    assert [later - earlier for earlier, later in zip(in_a_row, in_a_row[1:], strict=False)] == [1, 1, 1, 1]
    assert play(stage, [nod] * 5, scenario="terrence")[-1].progress.answered[-1].ended == "stalled"
    between = play(stage, [HEARD, nod, HEARD, nod, HEARD], scenario="terrence")[-1]
    assert between.view["state"]["thin_replies"] <= 1 and between.progress.memory.nods == 0


def test_the_same_replies_give_the_same_session(stage):
    replies = [HEARD, BLAME, HEARD]
    assert [r.view for r in play(stage, replies)] == [r.view for r in play(stage, replies)]


def test_what_the_engine_lost_is_worked_out_again(stage):
    lost, known = play(stage, [HEARD, HEARD]), play(stage, [HEARD])
    second = take_turn(
        stage, stage.cast.scenarios["kris"], known[0].progress, HEARD, seed=7, message_id="m1",
        said=known[0].progress.answered,
    )  # fmt: skip
    assert second.view == lost[1].view


@pytest.mark.parametrize("kind", ["pause_word", "distress"])
def test_stepping_out_is_not_scored_and_moves_nothing(stage, kind):
    result = play(stage, [HEARD, reading("pause", mentions=(kind,))])[1]
    assert result.assessment is None
    assert result.view["step_out"] == {"pause_word": "pause"}.get(kind, kind)
    assert result.progress.turn == 1
    assert result.view["shown"] == result.before


def test_the_second_hostile_reply_steps_out(stage):
    insult = reading("shut up idiot", "confront_blame", mentions=("insult",))
    first, second = play(stage, [insult, insult])
    assert first.view["step_out"] is None and first.assessment is not None
    assert second.view["step_out"] == "hostile" and second.assessment is None


def test_nothing_said_in_a_pause_is_scored(stage):
    result = play(stage, [HEARD], is_paused=True)[0]
    assert result.assessment is None and result.view["step_out"] == "paused"


def test_openings_are_counted_from_the_beats(stage):
    kris = stage.cast.scenarios["kris"]
    found = openings(stage.rubric, kris)
    setbacks = sum("setb" in beat.tags for beat in kris.beats)
    assert found["S6"] >= setbacks > 0
    assert set(found) <= set(stage.rubric.indicators)


def test_five_replies_get_no_score_and_eight_do(stage):
    kris = stage.cast.scenarios["kris"]
    texts = [
        "that day",
        "your hands",
        "both of you",
        "this quiet",
        "the van",
        "her face",
        "one week",
        "no sleep",
    ]
    results = play(
        stage, [reading(f"so {text} is what stays with you now", "complex_reflection") for text in texts]
    )
    assert score_progress(stage, kris, results[4].progress).overall is None
    assert score_progress(stage, kris, results[7].progress).overall is not None


def test_a_safety_cue_missed_twice_stops_the_scene_out_of_role(stage):
    kris = stage.cast.scenarios["kris"]
    progress = first_progress(kris, stage.cast.dynamics, 7)
    cue = replace(progress.answered[0], tags=("safety",), text="Some nights I would rather not wake up.")
    views = []
    for number, text in enumerate(["did you eat today at all", "whats the weather like over there"]):
        result = take_turn(
            stage, kris, progress, reading(text, "closed_question", is_question=True), seed=7,
            message_id=f"m{number}", said=[cue],
        )  # fmt: skip
        progress = result.progress
        views.append(result.view)
    assert [view["step_out"] for view in views] == [None, "missed_cue"]
    assert result.assessment is not None, "what was said in role is scored"
