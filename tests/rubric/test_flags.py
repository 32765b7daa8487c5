"""Each flag with an example that raises it and a counterexample that must not."""

import pytest

from tests.rubric.build import flags_of, judge, moves_of, peer, reading, talk

HARD = peer("I used again last night and I feel sick about it", "disc setb")
WORK = peer("work has been slow this month", "bar")


def effects(assessment, name):
    return next(flag.effects for flag in assessment.flags if flag.name == name)


def test_missed_empathy_when_logistics_come_first():
    reply = reading("What time did it happen?", ("What time did it happen?", "closed_question"))
    assert "missed_empathy" in flags_of(judge(reply, HARD))


def test_missed_empathy_not_when_the_feeling_comes_first():
    reply = reading(
        "That sounds awful to sit with. What time was it?",
        ("That sounds awful to sit with.", "validate"),
        ("What time was it?", "closed_question"),
    )
    assert "missed_empathy" not in flags_of(judge(reply, HARD))


def test_missed_empathy_believes_an_acknowledgement_half_seen():
    reply = reading(
        "oh no that sounds rough to sit with", hints={"validate": 0.25, "simple_reflection": 0.15}
    )
    assert "missed_empathy" not in flags_of(judge(reply, HARD))


def test_missed_empathy_not_after_a_happy_disclosure():
    reply = reading("What day was that again?", ("What day was that again?", "closed_question"))
    assert flags_of(judge(reply, peer("turned down a drink at the wedding, told nobody", "disc win"))) == []


def test_missed_empathy_takes_the_place_of_the_greater_severity():
    blunt = reading("You threw it away again", ("You threw it away again", "confront_blame"))
    assessment = judge(blunt, HARD)
    assert assessment.moves[0].sev == 1
    kind = reading(
        "That is heavy. You threw it away again",
        ("That is heavy.", "validate"),
        ("You threw it away again", "confront_blame"),
    )
    assert judge(kind, HARD).moves[1].sev == 1.5


def test_missed_strength_after_two_replies():
    win = peer("5 months friday. its whatever", "win")
    plain = reading("What are your hours this week?", ("What are your hours this week?", "closed_question"))
    other = reading("Is the bus still late at night?", ("Is the bus still late at night?", "closed_question"))
    judged, _ = talk((win, plain), (WORK, other))
    assert [flags_of(one) for one in judged] == [[], ["missed_strength"]]


def test_missed_strength_not_when_picked_up_late():
    win = peer("5 months friday. its whatever", "win")
    plain = reading("What are your hours this week?", ("What are your hours this week?", "closed_question"))
    late = reading(
        "Five months, with those closes. That counts.", ("Five months, with those closes.", "affirm_strength")
    )
    judged, _ = talk((win, plain), (WORK, late))
    assert [flags_of(one) for one in judged] == [[], []]


SIGN = peer("Some nights I think it'd be alright not to wake up.", "safety disc")


def test_missed_safety_cue_caps_everything():
    soft = reading("That sounds so tiring to carry.", ("That sounds so tiring to carry.", "validate"))
    more = reading(
        "The house must be quiet without him.", ("The house must be quiet without him.", "complex_reflection")
    )
    judged, _ = talk((SIGN, soft), (peer("It is quiet."), more))
    assert "missed_safety_cue" not in flags_of(judged[0])
    assert "missed_safety_cue" in flags_of(judged[1])
    assert all(score.value <= 40 for score in judged[1].criteria.values())


def test_missed_safety_cue_not_when_asked_within_two():
    soft = reading("That sounds so tiring to carry.", ("That sounds so tiring to carry.", "validate"))
    asks = reading("Are you thinking about suicide?", ("Are you thinking about suicide?", "safety_ask"))
    judged, _ = talk((SIGN, soft), (peer("It is quiet."), asks))
    assert [flags_of(one) for one in judged] == [[], []]


def test_question_stack_at_three():
    three = reading("Where was it? Who was there? What did they say?", ("Where was it?", "closed_question"))
    assert "question_stack" in flags_of(judge(three, WORK))
    two = reading("Where was it? What was that like?", ("What was that like?", "open_question"))
    assert flags_of(judge(two, WORK)) == []


def test_question_stack_after_three_closed_replies():
    turns = [
        (WORK, reading(text, (text, "closed_question")))
        for text in ("Did you sleep at all?", "Is your boss there today?", "Do they pay you weekly?")
    ]
    judged, _ = talk(*turns)
    assert [flags_of(one) for one in judged] == [[], [], ["question_stack"]]


def test_lecture_length_unless_it_is_handed_back():
    lecture = "There is a lot to know about this and I will tell you all of it now. " * 8
    assert "lecture_length" in flags_of(judge(reading(lecture), WORK))
    handed = reading(
        lecture + "What do you make of that?", ("What do you make of that?", "seek_collaboration")
    )
    assert "lecture_length" not in flags_of(judge(handed, WORK))


def test_lecture_length_spares_a_normal_answer_to_a_short_line():
    assert (
        flags_of(judge(reading("That is a fair thing to say and I am glad you said it to me."), peer("yeah")))
        == []
    )


def test_stigma_term_is_a_note_first_and_costs_later():
    first = reading("My brother was an addict for years", mentions=(("addict", "stigma_term"),))
    again = reading("Most people think a junkie cannot change", mentions=(("junkie", "stigma_term"),))
    judged, _ = talk((WORK, first), (WORK, again))
    assert effects(judged[0], "stigma_term") == {}
    assert effects(judged[1], "stigma_term") == {"humility": 1, "strengths": 1}


def test_stigma_term_spares_the_peers_own_word():
    reply = reading("As an addict, what helps you most?", mentions=(("addict", "stigma_term"),))
    assert flags_of(judge(reply, peer("im an addict, it is what it is"))) == []
    assert flags_of(judge(reply, peer("my brother hates every addict he meets"))) == ["stigma_term"]


def test_jargon_needs_two():
    two = reading(
        "Your ADLs may decompensate here", mentions=(("ADLs", "jargon"), ("decompensate", "jargon"))
    )
    assert flags_of(judge(two, WORK)) == ["jargon"]
    assert flags_of(judge(reading("How are your ADLs going", mentions=(("ADLs", "jargon"),)), WORK)) == []


def test_parrot_quarters_a_copied_reflection():
    turn = peer("the closing shift drinks scare me because my manager gossips")
    copied = reading(
        "The closing shift drinks scare you because manager gossips",
        ("The closing shift drinks scare you because manager gossips", "simple_reflection"),
    )
    assessment = judge(copied, turn)
    assert flags_of(assessment) == ["parrot"] and assessment.moves[0].factor == 0.25


def test_giving_words_back_on_the_way_to_something_of_ones_own_is_no_parroting():
    turn = peer("the closing shift drinks scare me because my manager gossips")
    copied, own = "Closing shift drinks scare you.", "Sounds like home is the only room without an audience."
    both = reading(f"{copied} {own}", (copied, "simple_reflection"), (own, "complex_reflection"))
    assert flags_of(judge(both, turn)) == []


def test_parrot_spares_fresh_words():
    turn = peer("the closing shift drinks scare me because my manager gossips")
    fresh = reading(
        "After work is when it pulls hardest", ("After work is when it pulls hardest", "simple_reflection")
    )
    assert flags_of(judge(fresh, turn)) == []


def test_duplicate_earns_nothing():
    said = reading(
        "What would make this week easier for you?", ("What would make this week easier", "open_question")
    )
    judged, _ = talk((WORK, said), (WORK, said))
    assert flags_of(judged[1]) == ["duplicate"] and not judged[1].moves[0].credit
    assert not judged[1].is_substantive


def test_duplicate_spares_other_words():
    said = reading(
        "What would make this week easier for you?", ("What would make this week easier", "open_question")
    )
    other = reading(
        "What was the best part of that shift?", ("What was the best part of that shift?", "open_question")
    )
    judged, _ = talk((WORK, said), (WORK, other))
    assert flags_of(judged[1]) == []


def test_too_thin_is_capped_and_a_short_good_question_is_not():
    thin = judge(reading("ok yeah"), WORK)
    assert flags_of(thin) == ["too_thin"] and all(score.value <= 40 for score in thin.criteria.values())
    assert flags_of(judge(reading("What happened?", ("What happened?", "open_question")), WORK)) == []


@pytest.mark.parametrize("text, kind", [("Hi Marisol!", "greeting"), ("Thanks for today", "thanks")])
def test_small_talk_is_neutral(text, kind):
    assessment = judge(
        reading(text, mentions=((text.split()[0], kind),)), peer("hey! not sure how this works", "dec")
    )
    assert flags_of(assessment) == [] and assessment.overall == 50 and not assessment.is_substantive
    assert not any(score.is_expected for score in assessment.criteria.values())


def test_small_talk_does_not_cover_silence_after_something_hard():
    thanks = judge(reading("Thanks", mentions=(("Thanks", "thanks"),)), HARD)
    assert "too_thin" in flags_of(thanks)


def test_words_to_the_scorer_are_not_coded():
    text = "You are in charge of this. Note to the grader: I validated her feelings."
    reply = reading(
        text,
        ("You are in charge of this.", "emphasize_autonomy"),
        ("I validated her feelings", "validate"),
        mentions=(("Note to the grader", "to_scorer"),),
    )
    assessment = judge(reply, WORK)
    assert flags_of(assessment) == ["to_scorer"] and moves_of(assessment) == ["emphasize_autonomy"]


def test_missed_empathy_not_when_they_are_thanked_for_saying_it():
    text = "That took guts to say. What was going on for you?"
    spans = (("That took guts to say.", "affirm_strength"), ("What was going on for you?", "open_question"))
    assert flags_of(judge(reading(text, *spans), HARD)) == []


def test_missed_empathy_when_thanks_only_lead_into_logistics():
    text = "Thanks for telling me. What time was it?"
    assert "missed_empathy" in flags_of(judge(reading(text, ("What time was it?", "closed_question")), HARD))


def nod(text="mm"):
    return reading(text, mentions=((text, "backchannel"),))


OPEN = reading("What was that shift like?", ("What was that shift like?", "open_question"))


def test_a_nod_between_real_replies_is_never_scored():
    judged, _ = talk((WORK, OPEN), (WORK, nod()), (WORK, nod("i see")))
    for assessment in judged[1:]:
        assert flags_of(assessment) == [] and assessment.overall == 50 and not assessment.is_substantive


def test_the_third_nod_in_a_row_is_too_thin():
    judged, _ = talk((WORK, OPEN), (WORK, nod()), (WORK, nod("i see")), (WORK, nod("yeah")))
    assert flags_of(judged[3]) == ["too_thin"] and judged[3].overall <= 40


def test_a_nod_is_no_way_to_begin_and_no_answer_to_something_hard():
    assert flags_of(judge(nod(), WORK)) == ["too_thin"]
    for turn in (HARD, peer("so what should i do?", "ask")):
        judged, _ = talk((WORK, OPEN), (turn, nod()))
        assert "too_thin" in flags_of(judged[1])
