"""Whole sessions through the real reader: cheating is nowhere "solid", honest practice is no cheating."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import pytest

from actions.assessment import History, PeerTurn, ReplyAssessment, assess_reply
from actions.rubric import load_rubric
from actions.session_score import SessionScore, score_session
from actions.session_tally import SessionTally
from bot.engine.content import load_cast
from bot.nlu.peer_cues import read_peer_tags
from bot.nlu.reader import load_reader
from bot.settings import load_settings
from tests.rubric.gaming.sets import HONEST, Talk, load_talks
from tests.rubric.test_gaming import SOLID

pytestmark = pytest.mark.trained

TALKS = load_talks()
CHEATS = [talk for talk in TALKS if talk.kind != HONEST]
PLAIN = [talk for talk in TALKS if talk.kind == HONEST]
UNFAIR = {"duplicate", "parrot", "to_scorer", "too_thin", "question_stack", "lecture_length"}
"""Flags that say, or hint, that somebody plays the scorer."""


@dataclass(frozen=True)
class Played:
    """A session, judged; scored by all indicators, as a transcript is, and by those of the scenario."""

    replies: tuple[ReplyAssessment, ...]
    scores: tuple[SessionScore, ...]

    @property
    def best(self) -> float:
        values = [value for score in self.scores for value in score.criteria.values()]
        return max(value or 0.0 for value in values)


@cache
def _reader():
    return load_reader(None, load_settings({}))


@cache
def _rubric():
    return load_rubric(load_settings({}).data)


@cache
def _people():
    return load_cast(load_settings({}).data).scenarios


@cache
def play(talk: Talk) -> Played:
    rubric = _rubric()
    history, tally, judged = History.empty(), SessionTally.empty(), []
    readings = _reader().read_many([(reply, said) for said, reply in talk.turns])
    for (said, _), reading in zip(talk.turns, readings, strict=True):
        turn = PeerTurn(said, read_peer_tags(said))
        assessment, history = assess_reply(rubric, reading, turn, history)
        tally = tally.add(assessment, turn)
        judged.append(assessment)
    aims = _people()[talk.about].targets
    return Played(tuple(judged), (score_session(rubric, tally), score_session(rubric, tally, aims)))


def test_there_are_enough_of_each_and_they_vary():
    assert (len(CHEATS), len(PLAIN)) == (45, 40)
    kinds = [talk.kind for talk in CHEATS]
    assert len(set(kinds)) == 9 and all(kinds.count(kind) == 5 for kind in kinds)
    assert {talk.about for talk in PLAIN} <= {talk.about for talk in CHEATS} and len({*TALKS}) == 85
    assert all(8 <= len(talk.turns) <= 16 for talk in TALKS)


@pytest.mark.parametrize("talk", CHEATS, ids=lambda talk: talk.name)
def test_cheating_reaches_solid_on_nothing(talk):
    played = play(talk)
    assert played.best < SOLID, [dict(score.criteria) for score in played.scores]


@pytest.mark.parametrize("talk", PLAIN, ids=lambda talk: talk.name)
def test_honest_practice_gets_no_flag_for_cheating(talk):
    unfair = [
        (n, flag.name) for n, a in enumerate(play(talk).replies, 1) for flag in a.flags if flag.name in UNFAIR
    ]
    assert not unfair


def test_most_of_the_honest_sessions_are_solid_somewhere():
    solid = [talk.name for talk in PLAIN if play(talk).best >= SOLID]
    assert len(solid) > len(PLAIN) / 2, sorted({talk.name for talk in PLAIN} - set(solid))


def test_honest_practice_scores_above_cheating_as_a_whole():
    honest, cheating = sorted(play(talk).best for talk in PLAIN), sorted(play(talk).best for talk in CHEATS)
    assert honest[len(honest) // 2] > cheating[-1]


def test_no_honest_reply_is_taken_for_an_earlier_one_with_other_words_put_in():
    assert not [talk.name for talk in PLAIN for reply in play(talk).replies if reply.is_framed]
