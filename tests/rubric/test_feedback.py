"""Feedback: two points at most, about these words, varied, and quiet when there is nothing to say."""

from actions.assessment import History, assess_reply
from tests.rubric.build import judge, peer, reading, rubric, talk

WORK = peer("the bus stops at eleven. my old manager gossiped about me", "bar")


def test_one_kept_and_one_to_try():
    text = "So the bus decides your hours. You should buy a car."
    reply = reading(
        text,
        ("So the bus decides your hours.", "complex_reflection"),
        ("You should buy a car.", "unsolicited_advice"),
    )
    kept, to_try = judge(reply, WORK).feedback
    assert (kept.kind, kept.code, to_try.kind, to_try.code) == (
        "worked",
        "complex_reflection",
        "try",
        "unsolicited_advice",
    )
    assert text[kept.start : kept.end] == "So the bus decides your hours."
    assert kept.why and kept.seeds and to_try.rewording


def test_the_peers_words_are_quoted_back():
    tip = reading("Get a planner.", ("Get a planner.", "unsolicited_advice"))
    turns = [
        (WORK, tip),
        (WORK, reading("Try the early bus.", ("Try the early bus.", "unsolicited_advice"))),
    ] * 2
    words = " ".join(point.rewording or "" for a in talk(*turns)[0] for point in a.feedback)
    assert "“my old manager gossiped about me”" in words or "“the bus stops at eleven”" in words


def test_wordings_take_turns():
    lines = ["Get a planner", "Buy an alarm", "Join some class", "Sell that phone"]
    judged, _ = talk(*((WORK, reading(line, (line, "unsolicited_advice"))) for line in lines))
    texts = [point.text for a in judged for point in a.feedback if point.kind == "try"]
    assert len(texts) == 4 and all(one != two for one, two in zip(texts, texts[1:], strict=False))


def test_the_same_praise_is_not_given_twice_running():
    lines = ["What is the bus ride like?", "How was the manager before that?"]
    judged, _ = talk(*((WORK, reading(line, (line, "open_question"))) for line in lines))
    assert [[point.code for point in a.feedback] for a in judged] == [["open_question"], []]


def test_quiet_when_there_is_nothing_to_say():
    assert judge(reading("What time is it?", ("What time is it?", "closed_question")), WORK).feedback == ()
    hi = reading("Hi there, good to meet you", mentions=(("Hi", "greeting"),))
    assert judge(hi, peer("hey! not sure how this works", "dec")).feedback == ()


def test_no_praise_for_what_fits_anyone():
    praise = reading("You have real courage", ("You have real courage", "affirm_strength"))
    assert not [point for point in judge(praise, WORK).feedback if point.kind == "worked"]


def test_danger_comes_first():
    sign = peer("some nights it'd be alright not to wake up", "safety")
    soft = reading("The nights go on forever", ("The nights go on forever", "simple_reflection"))
    tip = reading("Buy a night lamp. You must sleep.", ("Buy a night lamp.", "unsolicited_advice"))
    point = talk((sign, soft), (sign, tip))[0][1].feedback[-1]
    assert point.code == "missed_safety_cue" and "suicide" in (point.rewording or "")


def test_a_labeling_word_gets_its_alternative():
    reply = reading("Most people think a junkie cannot change", mentions=(("junkie", "stigma_term"),))
    point = judge(reply, WORK).feedback[0]
    assert "a person who uses drugs" in point.text and point.quote == "“junkie”"


def test_scope_names_whose_field_it_is():
    text = "Skip the pills on weekends"
    medical = reading(text, (text, "scope_violation"), mentions=(("pills", "scope_medical"),))
    assert "their prescriber" in (
        judge(medical, peer("the doctor is far", "scope")).feedback[0].rewording or ""
    )


def test_feedback_is_the_same_for_the_same_reply():
    reply = reading("Get a planner.", ("Get a planner.", "unsolicited_advice"))
    one, _ = assess_reply(rubric(), reply, WORK, History.empty())
    two, _ = assess_reply(rubric(), reply, WORK, History.empty())
    assert one == two


def test_no_code_reaches_the_trainee():
    names = [name for name in (*rubric().moves, *rubric().flags) if "_" in name]
    for move in rubric().moves:
        for point in judge(
            reading("You carry the bus home", ("You carry the bus home", move)), WORK
        ).feedback:
            assert not any(name in f"{point.text} {point.rewording} {point.why}" for name in names)
