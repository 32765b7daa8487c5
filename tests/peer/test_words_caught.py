"""What the peer catches in the words: silence, "tell me more", "you said", forms of address, claims."""

from __future__ import annotations

import pytest

from bot.content import Checker
from bot.peer.claims import Claimed, claimed, read_claims
from bot.peer.remarks import remarks


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("...", "silence"), ("  ?? ", "silence"),
        ("What was that like?", "go_on"), ("wow. tell me more", "go_on"), ("how did that feel?", "go_on"),
        ("what was that like for you back then?", "go_on"), ("why is that", "go_on"),
        ("you said you had no kids", "quotes_peer"), ("But you told me it was Friday.", "quotes_peer"),
        ("what dose are you on?", "asks_medical"),
        ("What's been on your mind?", "opens_floor"), ("where would you like to start?", "opens_floor"),
        ("sounds like you're really happy about it", "glad_guess"), ("you must be so proud", "glad_guess"),
        ("yes ma'am", "misgendered"), ("thanks sir", "misgendered"), ("as a woman you know", "misgendered"),
        ("i think rowan she is great", "misgendered"),
    ],
)  # fmt: skip
def test_it_is_caught(text, kind):
    assert kind in remarks(text, "they/them", "Rowan")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("ok", "silence"), ("👍 ok", "silence"),
        ("how are you?", "go_on"), ("what would you like to talk about?", "go_on"),
        ("what was your job like", "go_on"), ("why did you stop calling her", "go_on"),
        ("I'm glad you told me.", "quotes_peer"), ("glad you said it anyway", "quotes_peer"),
        ("she said you could", "quotes_peer"), ("what did you say?", "quotes_peer"),
        ("a dose of courage helps", "asks_medical"),
        ("what was on at the theater", "opens_floor"), ("how can she help you", "opens_floor"),
        ("you're not happy with it", "glad_guess"), ("you seem tired", "glad_guess"),
        ("you miss the booth", "misgendered"), ("that girl at the desk was rude", "misgendered"),
        ("did your sister say she would come", "misgendered"),
    ],
)  # fmt: skip
def test_it_is_not_mistaken(text, kind):
    assert kind not in remarks(text, "they/them", "Rowan")


@pytest.mark.parametrize(
    ("text", "pronouns", "is_wrong"),
    [
        ("yes ma'am", "she/her", False), ("yes sir", "she/her", True),
        ("yes sir", "he/him", False), ("thanks miss", "he/him", True),
    ],
)  # fmt: skip
def test_what_is_wrong_depends_on_the_person(text, pronouns, is_wrong):
    assert ("misgendered" in remarks(text, pronouns, "Sam")) is is_wrong


CLAIMS = {
    "children": {"holds": ["have kids|kid|son"], "count": ["kids|son|he"], "is": ["1", "9"]},
    "recovery_time": {"count": ["sober|drinking"], "is": ["5 months"]},
    "partner": {"fails": ["your husband", "are|youre married"]},
}  # fmt: skip


def claims(given=None):
    check = Checker("x.yml")
    found = read_claims(CLAIMS if given is None else given, check, ["children", "recovery_time", "partner"])
    return found, [problem.text for problem in check.problems]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("do you have kids?", [Claimed("children", True, True)]),
        ("you said you had no kids", [Claimed("children", False)]),
        ("you don't have a son", [Claimed("children", False)]),
        ("so you have a son", [Claimed("children", True)]),
        ("you have two kids", [Claimed("children", False)]),
        ("you've been sober five months", [Claimed("recovery_time", True)]),
        ("you've been sober for 3 years", [Claimed("recovery_time", False)]),
        ("so your husband doesn't know", [Claimed("partner", False)]),
        ("are you married?", [Claimed("partner", False, True)]),
        ("you're not married", [Claimed("partner", True)]),
        ("my husband has kids", []),
        ("how are you", []),
    ],
)
def test_a_claim_is_held_against_what_is_true(text, expected):
    assert list(claimed(text, claims()[0])) == expected


def test_a_wrong_claim_in_the_file_is_named():
    _, problems = claims(
        {"kids": {"holds": ["x"]}, "children": {"count": ["kids"]}, "partner": {"yes": ["x"]}}
    )
    text = "\n".join(problems)
    assert 'unknown topic "kids"' in text and "count: and is: go together" in text and '"yes"' in text
