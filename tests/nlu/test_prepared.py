"""The lines that a reply leads to: by meaning and form, in other words, follow-ups at their subject only."""

from __future__ import annotations

import json

import numpy as np
import pytest

from bot.nlu.encoder import Encoder
from bot.nlu.prepared import PreparedLines, Reusing, load_prepared, prepare, save_prepared
from bot.nlu.prepared_reader import RecentEncoder
from bot.nlu.same_questions import read_same_questions, same_questions
from bot.nlu.wording import readable
from bot.peer.forms import form_of
from bot.peer.phrases import ASKED, OWN, STATED, Phrase
from bot.reading import Reading, Sentence
from bot.settings import load_settings

SETTINGS = load_settings({})
PHRASES = [
    Phrase("dana:topics.siblings.mid.1", ASKED, "do you have any brothers or sisters?"),
    Phrase("dana:topics.siblings.mid.2", ASKED, "what did your brother say?"),
    Phrase("dana:topics.work.mid.1", ASKED, "why did you leave your job?"),
    Phrase("dana:topics.work.mid.2", ASKED, "when did you leave your job?"),
    Phrase("dana:topics.supports.mid.1", ASKED, "who's in your corner?"),
    Phrase("dana:beats.B4.follow_up.1", ASKED, "what did she say?", True),
    Phrase("dana:beats.B5.follow_up.1", ASKED, "what did she say?", True),
    Phrase("dana:topics.loneliness.mid.1", STATED, "sundays sound like the hardest"),
    Phrase("dana:topics.food.mid.1", OWN, "I had soup on the stairs."),
]


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return Encoder(SETTINGS.encoder, 1)


@pytest.fixture(scope="module")
def lines(encoder) -> PreparedLines:
    return prepare(encoder, PHRASES, same_questions(encoder, read_same_questions(SETTINGS.data)))


def leads(encoder, lines, text: str, peer: str = "", said=()):
    found = lines.leads(encoder, Reading(text, (Sentence(0, len(text), {}),)), peer, said)
    return [(like.line.partition(":")[2], like.kind, like.similarity) for like in found]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("got any siblings", "topics.siblings.mid.1"),
        ("how come you quit", "topics.work.mid.1"),
        ("when was it that you quit your job", "topics.work.mid.2"),
        ("do you have someone to talk to?", "topics.supports.mid.1"),
        ("it sounds like sundays are the worst", "topics.loneliness.mid.1"),
        ("and your brother?", "topics.siblings.mid.2"),
    ],
)
def test_what_is_said_leads_to_the_line_for_it(encoder, lines, text, line):
    first = max(leads(encoder, lines, text), key=lambda found: found[2])
    assert first[0] == line and first[2] >= 0.5


def test_a_question_about_something_else_leads_nowhere_near(encoder, lines):
    assert all(like < 0.5 for _, _, like in leads(encoder, lines, "do you like horoscopes?"))


def test_a_vague_follow_up_counts_at_its_own_subject_only(encoder, lines):
    asked = "what did she say?"
    nowhere = [line for line, _, _ in leads(encoder, lines, asked)]
    at_b5 = [line for line, _, _ in leads(encoder, lines, asked, said=["dana:beats.B5.lines.2"])]
    assert not [line for line in nowhere if line.startswith("beats.")]
    assert [line for line in at_b5 if line.startswith("beats.")] == ["beats.B5.follow_up.1"]


def test_the_form_of_a_question_is_told_by_how_it_begins():
    forms = {
        "why did you stop?": "why", "so what made you stop": "why", "how long has it been": "count",
        "ok who is she": "who", "when was that": "when", "did you tell her": "whether",
        "what was it like": "open", "tell me about the kitchen": "open", "you light up when you talk": "",
    }  # fmt: skip
    assert {text: form_of(readable(text)) for text in forms} == forms


def test_what_is_kept_finds_the_same(encoder, lines, tmp_path):
    save_prepared({"dana": lines}, tmp_path)
    again = load_prepared(tmp_path)["dana"]
    assert again.phrases == lines.phrases
    assert np.allclose(again.vectors, lines.vectors) and np.allclose(again.same.vectors, lines.same.vectors)
    assert leads(encoder, again, "got any siblings") == leads(encoder, lines, "got any siblings")


def test_only_new_phrases_are_encoded_again(encoder):
    class Counting:
        def __init__(self):
            self.texts = []

        def encode(self, texts, batch=32):
            self.texts += texts
            return encoder.encode(texts, batch)

    counting = Counting()
    old = prepare(counting, PHRASES[:3])
    counting.texts.clear()
    prepare(Reusing(counting, old), PHRASES[:4])
    assert counting.texts == [PHRASES[3].text]


def test_the_latest_texts_are_remembered(encoder):
    recent = RecentEncoder(encoder)
    first = recent.encode(["one", "two", "one"])
    assert np.array_equal(first[0], first[2])
    assert np.array_equal(recent.encode(["two"])[0], first[1])


@pytest.mark.parametrize("text", ["got any siblings", "xq zzt"])
def test_likenesses_travel_and_none_found_is_not_nobody_looked(encoder, lines, text):
    compared = Reading(
        text, (), prepared=lines.leads(encoder, Reading(text, (Sentence(0, len(text), {}),)), "")
    )
    again = Reading.from_entities(text, json.loads(json.dumps(compared.to_entities())))
    assert again.prepared == compared.prepared
    assert Reading.from_entities(text, Reading(text).to_entities()).prepared is None
    empty = Reading(text, prepared=())
    assert Reading.from_entities(text, empty.to_entities()).prepared == ()
