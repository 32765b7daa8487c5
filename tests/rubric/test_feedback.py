"""Feedback: two points at most, about these words, varied, and quiet when there is nothing to say."""

from dataclasses import replace

from actions.assessment import History, assess_reply
from actions.feedback import _own_words, peer_words
from actions.moment import Moment
from bot.reading import Sentence
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
    assert "“my old manager gossiped about me" in words and "“the bus stops at eleven" in words


def test_wordings_take_turns():
    lines = ["Get a planner", "Buy an alarm", "Join some class", "Sell that phone"]
    judged, _ = talk(*((WORK, reading(line, (line, "unsolicited_advice"))) for line in lines))
    texts = [point.text for a in judged for point in a.feedback if point.kind == "try"]
    assert len(texts) == 4 and all(one != two for one, two in zip(texts, texts[1:], strict=False))


def test_no_wording_comes_twice_in_a_talk_and_worn_out_praise_is_left_unsaid():
    asks = """What pulls you to the oven?
        How did Mateo take it?
        Which part is loudest?
        What would Sunday need?
        Who taught you that knife?
        Where does the fear sit?
        What stays after closing?
        How late is late?
        What did Ana notice?
        When does sleep come?
        Which door looks open?""".splitlines()
    turns = [(WORK, reading(line, (line, "open_question"), similar=0.9)) for line in asks]
    # Every other reply gives something back, so that the question is neither worn out nor just praised.
    rest = (WORK, reading("The bus decides it", ("The bus decides it", "validate"), similar=0.9))
    judged, _ = talk(*(turn for asked in turns for turn in (asked, rest, rest, rest, rest)))
    said = [point.text for a in judged for point in a.feedback if point.code == "open_question"]
    wordings = rubric().feedback.worked["open_question"].say
    filled = {text.split("{q}")[-1] for text in wordings}
    used = [next(end for end in filled if text.endswith(end)) for text in said]
    assert len(used) == len(set(used)) == len(wordings) < len(asks)


def test_talks_begin_with_different_wordings():
    lines = ["Get a planner", "Buy an alarm", "Join some class", "Sell that phone", "Try a new bus"]
    first = {judge(reading(line, (line, "unsolicited_advice")), WORK).feedback[0].text for line in lines}
    assert len(first) > 1


def test_a_rewording_uses_the_peers_words_where_there_are_any():
    line = "Get a planner."
    with_words = judge(reading(line, (line, "unsolicited_advice")), WORK).feedback[0].rewording or ""
    without = judge(reading(line, (line, "unsolicited_advice")), peer("mm. what now?", "")).feedback[0]
    assert "“" in with_words and "“" not in (without.rewording or "“")


def test_what_is_quoted_is_whole_and_no_greeting():
    long = peer(
        "Hello, this is Ruth Ann. My manager gave me this number after I had to step out during a shift",
        "disc",
    )
    line = "Get a planner."
    rewording = judge(reading(line, (line, "minimize")), long).feedback[0].rewording or ""
    assert "“My manager gave me this number" in rewording and "…" not in rewording


def test_neither_a_reaction_nor_small_change_is_quoted():
    line = "Get a planner."
    tip = reading(line, (line, "minimize"))
    both = peer("Huh. You are a careful one today.\nThe landlord kept the whole deposit", "bar")
    assert "“The landlord kept the whole deposit" in (judge(tip, both).feedback[0].rewording or "")
    nothing = judge(tip, peer("You are a careful one today. Goodbye to this talk then", "push")).feedback[0]
    assert "“" not in (nothing.rewording or "“")


def test_a_win_of_an_earlier_turn_is_not_looked_for_in_this_one():
    win = peer("I passed the food manager exam on my second try", "win")
    later = peer("The walk-in at the old place had no handle inside", "")
    ask = "What time is it?"
    judged, _ = talk(
        (win, reading(ask, (ask, "closed_question"))),
        (later, reading("Is it late?", ("Is it late?", "closed_question"))),
    )
    point = judged[1].feedback[-1]
    assert point.code == "missed_strength"
    assert "walk-in" not in f"{point.text} {point.rewording}"


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


def worked(reply, *turn):
    return [point.code for point in judge(reply, *turn).feedback if point.kind == "worked"]


def test_nothing_is_praised_where_there_was_nothing():
    sense = reading("That makes sense to me.", ("That makes sense to me.", "validate"))
    assert worked(sense, peer("my brother died in march", "disc")) == ["validate"]
    assert worked(sense, peer("hey! im thinking about a kitchen job", "dec")) == []
    sorry = reading("Did I get that right?", ("Did I get that right?", "repair_rupture"))
    assert worked(sorry, peer("dont push me", "push")) == ["repair_rupture"]
    assert worked(sorry, peer("the kitchen was loud", "str")) == []


def test_a_repair_after_a_slip_is_praised():
    slip = reading("Get a planner.", ("Get a planner.", "unsolicited_advice"))
    sorry = reading("I jumped ahead of you, sorry.", ("I jumped ahead of you, sorry.", "repair_rupture"))
    judged, _ = talk((WORK, slip), (peer("the kitchen was loud"), sorry))
    assert [point.code for point in judged[1].feedback] == ["repair_rupture"]


def test_a_doubtful_reading_is_not_praised():
    line = "So the kitchen was loud."
    sure = reading(line, (line, "simple_reflection"), similar=0.9)
    assert worked(sure, WORK) == ["simple_reflection"]
    doubtful = replace(sure, spans=tuple(replace(span, probability=0.4) for span in sure.spans))
    assert worked(doubtful, WORK) == []
    moves = {"simple_reflection": 0.7, "confront_blame": 0.18}
    blaming = replace(sure, sentences=(Sentence(0, len(line), moves, False),), similarity=(0.9,))
    assert worked(blaming, WORK) == []


def test_asking_about_dying_is_named_before_all_else():
    ask, soft = "Are you having thoughts of suicide?", "It is all right to tell me, you choose."
    both = reading(f"{ask} {soft}", (ask, "safety_ask"), (soft, "emphasize_autonomy"))
    assert worked(both, peer("id be fine not waking up", "safety")) == ["safety_ask"]


def test_a_promise_has_a_rewording_of_its_own():
    line = "I swear I won't tell anyone."
    secret = reading(line, (line, "scope_violation"), mentions=(("won't tell", "promise_secrecy"),))
    pills = reading("Stop taking the pills.", ("Stop taking the pills.", "scope_violation"))
    entries = rubric().feedback.to_try
    assert judge(secret, WORK).feedback[0].rewording in entries["scope_violation:secrecy"].rephrase
    assert judge(pills, WORK).feedback[0].rewording not in entries["scope_violation:secrecy"].rephrase


def test_a_long_quote_ends_with_a_clause_and_a_question_keeps_its_mark():
    assert _own_words(
        "You get judged from both sides, and neither one asked what it is like for you", 12
    ) == ("“You get judged from both sides”")
    assert _own_words("What was different then?", 12) == "“What was different then?”"


def test_what_they_say_of_themself_is_quoted_first():
    turn = peer("they said i get a peer person now. been thinking about going back to work")
    assert peer_words(Moment(rubric(), reading("Hm."), turn, History.empty()), "") == (
        "been thinking about going back to work"
    )
