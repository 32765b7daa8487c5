"""Each context rule with an example and a counterexample."""

from dataclasses import replace

import pytest

from tests.rubric.build import flags_of, judge, moves_of, peer, reading, talk

WORK = peer("work has been slow this month")
ASK = reading(
    "ok if i share one idea about evenings?", ("ok if i share one idea about evenings?", "ask_permission")
)
TIP = reading(
    "leaving the card home in the evenings helped me",
    ("leaving the card home in the evenings", "unsolicited_advice"),
)


def only(assessment):
    assert len(assessment.moves) == 1, moves_of(assessment)
    return assessment.moves[0]


def test_r1_one_idea_after_a_yes():
    judged, _ = talk((WORK, ASK), (peer("sure, go ahead"), TIP))
    move = only(judged[1])
    assert (move.move, move.read_as, move.context) == (
        "advise_with_permission",
        "unsolicited_advice",
        ("R1",),
    )


def test_r1_no_second_prescription():
    two = reading(
        "leave the card home in the evenings. join a gym on mondays",
        ("leave the card home in the evenings", "unsolicited_advice"),
        ("join a gym on mondays", "unsolicited_advice"),
    )
    judged, _ = talk((WORK, ASK), (peer("sure, go ahead"), two))
    assert moves_of(judged[1]) == ["advise_with_permission", "unsolicited_advice"]


def test_r1_consent_ends_with_its_topic():
    later = reading(
        "you could text your sister tomorrow", ("you could text your sister tomorrow", "unsolicited_advice")
    )
    question = reading("what made it hard?", ("what made it hard?", "open_question"))
    judged, _ = talk((WORK, ASK), (peer("sure"), question), (peer("the boss i guess"), later))
    assert moves_of(judged[2]) == ["unsolicited_advice"]


def test_r1_nothing_without_an_answer():
    judged, _ = talk((WORK, ASK), (peer("the bus was late again"), TIP))
    assert moves_of(judged[1]) == ["unsolicited_advice"]


def test_r2_advice_after_a_no_is_heavier():
    judged, _ = talk((WORK, ASK), (peer("nah, not today"), TIP))
    move = only(judged[1])
    assert (move.move, move.sev, move.context) == ("unsolicited_advice", 1.5, ("R2",))


def test_r2_a_story_over_a_no_earns_nothing():
    story = reading(
        "i lost a job once too. how is it for you?", ("i lost a job once too.", "share_lived_experience")
    )
    judged, _ = talk((WORK, ASK), (peer("nah, not today"), story))
    assert only(judged[1]).rel == 0 and not only(judged[1]).credit


def test_r2_not_after_a_yes():
    judged, _ = talk((WORK, ASK), (peer("yeah ok"), TIP))
    assert "R2" not in only(judged[1]).context


ASKED = peer("should i just take it?", "ask dec")


def test_r3_one_idea_when_asked_is_fair():
    reply = reading("id try one sunday first", ("id try one sunday first", "unsolicited_advice"))
    move = only(judge(reply, ASKED))
    assert move.move == "advise_with_permission" and not move.credit


def test_r3_earns_when_their_view_is_sought():
    reply = reading(
        "What is your gut telling you? id try one sunday first",
        ("What is your gut telling you?", "seek_collaboration"),
        ("id try one sunday first", "unsolicited_advice"),
    )
    assert judge(reply, ASKED).moves[1].credit == {"collaboration": 1.0}


@pytest.mark.parametrize("text", ["you should take it", "you need to call them tonight"])
def test_r3_you_should_is_an_order_at_half_weight(text):
    move = only(judge(reading(text, (text, "unsolicited_advice")), ASKED))
    assert (move.move, move.sev, move.harm) == (
        "direct_command",
        0.5,
        {"collaboration": 1.0, "humility": 1.0},
    )


def test_r3_three_tips_are_an_order():
    reply = reading(
        "try one sunday. ask about pay. tell nilda first",
        ("try one sunday.", "unsolicited_advice"),
        ("ask about pay.", "unsolicited_advice"),
        ("tell nilda first", "unsolicited_advice"),
    )
    assert only(judge(reply, ASKED)).move == "direct_command"


def test_r3_not_when_nobody_asked():
    reply = reading("id try one sunday first", ("id try one sunday first", "unsolicited_advice"))
    assert only(judge(reply, WORK)).move == "unsolicited_advice"


def test_r4_acknowledging_first_or_not():
    hard = peer("my dad died last week and i drank", "disc setb")
    tip = reading(
        "There is a grief group on Tuesdays", ("There is a grief group on Tuesdays", "link_support")
    )
    assert flags_of(judge(tip, hard)) == ["missed_empathy"]
    first = reading(
        "Losing him, and then the drink on top. There is a grief group on Tuesdays",
        ("Losing him, and then the drink on top.", "simple_reflection"),
        ("There is a grief group on Tuesdays", "link_support"),
    )
    assert flags_of(judge(first, hard)) == []


PUSHED = peer("that wouldnt work with the bus", "push")
GYM = reading("you could join the gym near work", ("you could join the gym near work", "unsolicited_advice"))


def test_r5_the_same_point_again_is_pressure():
    again = reading("still, join the gym near work", ("still, join the gym near work", "unsolicited_advice"))
    move = only(talk((WORK, GYM), (PUSHED, again))[0][1])
    assert (move.move, move.sev) == ("pressure_warn", 1.5)


def test_r5_arguing_is_confronting():
    argue = reading("but you have a car to borrow", ("but you have a car to borrow", "unsolicited_advice"))
    assert only(talk((WORK, GYM), (PUSHED, argue))[0][1]).move == "confront_blame"


def test_r5_not_when_the_pushback_is_heard():
    heard = reading("so the bus rules that out", ("so the bus rules that out", "simple_reflection"))
    assert only(talk((WORK, GYM), (PUSHED, heard))[0][1]).move == "simple_reflection"


def test_r6_a_tip_in_disguise():
    reply = reading("Have you tried yoga classes?", ("Have you tried yoga classes?", "closed_question"))
    assert only(judge(reply, WORK)).move == "unsolicited_advice"


def test_r6_their_own_idea_is_a_question():
    reply = reading("Have you tried the gym yet?", ("Have you tried the gym yet?", "unsolicited_advice"))
    move = only(judge(reply, peer("ive been thinking about that gym by the station")))
    assert move.move == "closed_question" and move.context == ("R6",)


def test_r6_asking_for_their_thoughts_stays_a_question():
    text = "Have you thought about what you would tell her?"
    assert only(judge(reading(text, (text, "open_question")), WORK)).move == "open_question"


STORY = "i hid my phone the day after too."
BACK = "whats it like for you?"


def test_r7_asked_for_short_and_handed_back():
    reply = reading(f"{STORY} {BACK}", (STORY, "share_lived_experience"), (BACK, "open_question"))
    move = judge(reply, peer("have you ever been through this?", "path")).moves[0]
    assert move.factor == 1 and move.move == "share_lived_experience"


def test_r7_uninvited_is_worth_half():
    reply = reading(f"{STORY} {BACK}", (STORY, "share_lived_experience"), (BACK, "open_question"))
    assert judge(reply, WORK).moves[0].factor == 0.5


def test_r7_a_long_story_takes_the_floor():
    story = "when i was out there it went on and on for years and i lost the house and then the car " * 4
    move = only(
        judge(
            reading(story, (story.strip(), "share_lived_experience")),
            peer("have you ever been through this?"),
        )
    )
    assert move.move == "disclosure_hijack"


def test_r7_a_story_as_leverage_earns_nothing():
    text = "i was in your shoes. you should get a sponsor"
    reply = reading(
        text,
        ("i was in your shoes.", "share_lived_experience"),
        ("you should get a sponsor", "unsolicited_advice"),
    )
    assert not judge(reply, WORK).moves[0].credit


FAVOR = peer("could you call the volunteer office for me?", "do")


def test_r8_beside_them_is_independence():
    text = "want to make the call together? you talk, im beside you"
    assert only(judge(reading(text, (text, "take_over")), FAVOR)).move == "build_independence"


def test_r8_instead_of_them_is_taking_over():
    text = "sure, ill call and sort it out"
    move = only(judge(reading(text, (text, "build_independence")), FAVOR))
    assert move.move == "take_over" and move.sev == 1


ORDER = "You need to call your sponsor tonight."
CHOICE = "But it's your choice."


def test_r9_a_choice_after_an_order_softens_and_does_not_erase():
    reply = reading(f"{ORDER} {CHOICE}", (ORDER, "direct_command"), (CHOICE, "emphasize_autonomy"))
    assessment = judge(reply, WORK)
    assert assessment.moves[0].sev == 0.75
    assert assessment.criteria["collaboration"].value <= 35


def test_r9_not_when_the_choice_came_first():
    reply = reading(
        f"It's your choice. {ORDER}", (ORDER, "direct_command"), ("It's your choice.", "emphasize_autonomy")
    )
    assert judge(reply, WORK).moves[1].sev == 1


HARD = peer("i used again and i feel sick about it", "disc setb")
PRAISE = "You came and said it, that takes honesty."
HEARD = "That is a sick feeling to wake up with."


def test_r10_praise_before_listening_is_worth_three_tenths():
    reply = reading(f"{PRAISE} {HEARD}", (PRAISE, "affirm_strength"), (HEARD, "validate"), similar=0.5)
    assert judge(reply, HARD).moves[0].factor == 0.3


def test_r10_not_after_listening():
    reply = reading(f"{HEARD} {PRAISE}", (PRAISE, "affirm_strength"), (HEARD, "validate"), similar=0.5)
    assert judge(reply, HARD).moves[1].factor == 1


def test_r10_a_reframe_always_needs_listening():
    text = "that stubborn streak also got you through the waitlist"
    assert only(judge(reading(text, (text, "reframe_strength")), WORK)).factor == 0.3


def test_r11_asking_about_safety_is_never_penalized():
    turn = peer("i dont see the point of any of it", "hopeless")
    text = "Are you safe tonight? Are you thinking about suicide? Can you tell me?"
    assessment = judge(reading(text, ("Are you thinking about suicide?", "safety_ask")), turn)
    assert assessment.flags == () and only(assessment).rel == 1


def test_r11_other_stacked_questions_are():
    turn = peer("i dont see the point of any of it", "hopeless")
    text = "Where are you now? Who is there? Did you eat?"
    assert "question_stack" in flags_of(judge(reading(text, ("Did you eat?", "closed_question")), turn))


def test_r12_calm_down_is_blame():
    text = "calm down ok"
    move = only(judge(reading(text, (text, "validate")), WORK))
    assert (move.move, move.context) == ("confront_blame", ("R12",))


def test_r12_shouting_is_blame_unless_for_joy():
    shout = reading("STOP CALLING HIM NOW", mentions=(("STOP CALLING HIM NOW", "caps_shouting"),))
    assert moves_of(judge(shout, WORK)) == ["confront_blame"]
    text = "ELEVEN DAYS WITHOUT ONE"
    joy = reading(text, (text, "affirm_strength"), mentions=((text, "caps_shouting"),))
    assert moves_of(judge(joy, WORK)) == ["affirm_strength"]


def test_r13_directness_in_danger_costs_nothing():
    text = "Call 911 now and put him on his side."
    danger = judge(reading(text, (text, "direct_command")), peer("hes not breathing right", "safety"))
    assert danger.moves[0].harm == {} and danger.criteria["collaboration"].caps == ()


def test_r13_an_order_without_danger_costs():
    text = "Call 911 now and put him on his side."
    assert judge(reading(text, (text, "direct_command")), WORK).moves[0].harm


def test_r14_a_claim_about_their_culture():
    text = "Your culture is all about family"
    assert only(judge(reading(text, (text, "complex_reflection")), WORK)).move == "expert_stance"


def test_r14_asking_about_it_is_fine():
    text = "What does your culture say about asking for help?"
    assert only(judge(reading(text, (text, "open_question")), WORK)).move == "open_question"


def test_an_uninvited_but_free_idea_earns_half():
    text = "you could, if you want, try journaling"
    assert only(judge(reading(text, (text, "advise_with_permission")), WORK)).factor == 0.5


def test_three_tips_touch_strengths_too():
    reply = reading(
        "try tea. go for runs. join a choir",
        ("try tea.", "unsolicited_advice"),
        ("go for runs.", "unsolicited_advice"),
        ("join a choir", "unsolicited_advice"),
    )
    assert only(judge(reply, WORK)).harm == {"collaboration": 1, "humility": 1, "strengths": 1}


def test_a_story_that_carries_hope_counts_for_strengths():
    text = "telling one person helped me, it gets better. hows it for you?"
    move = judge(
        reading(text, ("telling one person helped me, it gets better.", "share_lived_experience")), WORK
    ).moves[0]
    assert "hope" in move.kinds and move.weights["strengths"] == 1


def test_r12_telling_about_it_is_not_shouting():
    text = "You had to calm down before the meeting"
    assert only(judge(reading(text, (text, "simple_reflection")), WORK)).move == "simple_reflection"


def test_r14_telling_what_they_said_is_fine():
    text = "Your faith means a lot to you"
    assert only(judge(reading(text, (text, "simple_reflection")), WORK)).move == "simple_reflection"


def test_r5_an_order_given_again_stays_an_order_and_weighs_more():
    text = "join the gym near work, you need to"
    order = reading(text, (text, "direct_command"))
    move = only(talk((WORK, GYM), (PUSHED, order))[0][1])
    assert (move.move, move.sev) == ("direct_command", 1.5)


def test_r3_earns_when_their_view_was_sought_just_before():
    first = reading("what is your gut telling you?", ("what is your gut telling you?", "build_independence"))
    idea = reading("id try one sunday first", ("id try one sunday first", "unsolicited_advice"))
    judged, _ = talk((ASKED, first), (peer("no idea. what should i do?", "ask"), idea))
    assert only(judged[1]).credit == {"collaboration": 1.0}
    other = reading("how was the bus?", ("how was the bus?", "open_question"))
    judged, _ = talk((ASKED, other), (peer("fine. what should i do?", "ask"), idea))
    assert not only(judged[1]).credit


@pytest.mark.parametrize(
    "text, said, move",
    [
        ("How about calling your cousin?", WORK, "unsolicited_advice"),
        ("How about your cousin?", WORK, "closed_question"),
        ("How about calling that cousin?", peer("my cousin says i should call him"), "closed_question"),
    ],
)
def test_r6_what_about_doing_it_is_a_tip_and_what_about_them_is_not(text, said, move):
    assert only(judge(reading(text, (text, "closed_question")), said)).move == move


def test_r13_a_clear_instruction_in_danger_costs_nothing():
    text = "Call 911 now and put him on his side"
    order = reading(text, (text, "direct_command"))
    danger = judge(order, peer("my brother is not breathing right", "safety disc"))
    assert flags_of(danger) == [] and danger.moves[0].sev == 0
    assert danger.criteria["collaboration"].value == danger.criteria["humility"].value == 50
    calm = judge(order, peer("i keep thinking about my brother", "disc"))
    assert flags_of(calm) == ["missed_empathy"] and calm.criteria["humility"].value < 20


@pytest.mark.parametrize(
    "likely, rule, found",
    [
        ({"confront_blame": 0.42, "complex_reflection": 0.4}, None, []),
        ({"confront_blame": 0.42, "pressure_warn": 0.2}, None, ["confront_blame"]),
        ({"confront_blame": 0.42}, "a_rule", ["confront_blame"]),
        ({}, None, ["confront_blame"]),
        ({"complex_reflection": 0.3}, None, ["complex_reflection"]),
    ],
)
def test_in_doubt_between_blame_and_reflection_nothing_is_coded(likely, rule, found):
    """Section 1, rule 4; a doubtful good move is still a good move."""
    text = "So you went back there."
    name = "confront_blame" if "confront_blame" in likely or not likely else "complex_reflection"
    reply = reading(text, (text, name), hints=likely)
    reply = replace(reply, spans=tuple(replace(span, rule=rule) for span in reply.spans))
    assert moves_of(judge(reply, WORK)) == found
