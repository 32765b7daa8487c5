"""Reading whole replies with a model that Rasa trained: moves, topics, mentions, and odd input."""

from __future__ import annotations

import asyncio
import json
import random
import time
from pathlib import Path

import numpy as np
import pytest

from bot.nlu.archive import ModelMissing
from bot.nlu.reader import ReaderParts, ReplyReader, load_reader
from bot.nlu.softmax import softmax
from bot.nlu.topics import NOTHING, load_topics
from bot.nlu.unreadable import unreadable_kind
from bot.reading import OTHER, Reading
from bot.settings import load_settings

PEER = "used twice this weekend. wasnt gonna tell anyone."


def check_valid(text: str, reading: Reading) -> None:
    assert reading.text == text
    for item in [*reading.sentences, *reading.spans, *reading.topics, *reading.mentions]:
        assert 0 <= item.start <= item.end <= len(text)
    for sentence in reading.sentences:
        assert OTHER not in sentence.moves
        assert all(0 <= value <= 1 for value in sentence.moves.values())
        assert sum(sentence.moves.values()) <= 1.01
    places = [(span.start, span.end) for span in reading.spans]
    assert places == sorted(set(places))
    json.dumps(reading.to_entities())


@pytest.mark.parametrize(
    ("reply", "moves"),
    [
        ("What was going on for you on Saturday?", ["open_question"]),
        ("You need to call your sponsor tonight.", ["direct_command"]),
        ("are you having thoughts of suicide?", ["safety_ask"]),
        ("Great job!", ["generic_praise"]),
        ("its your call, nobody gets to pick this one but you", ["emphasize_autonomy"]),
    ],
)
def test_plain_replies_are_read(reader: ReplyReader, reply: str, moves: list[str]) -> None:
    assert list(reader.read(reply, PEER).moves) == moves


def test_one_move_per_clause_with_exact_offsets(reader: ReplyReader) -> None:
    reply = "Great job!  You need to call your sponsor tonight."
    spans = [(reply[span.start : span.end], span.move) for span in reader.read(reply, PEER).spans]
    assert spans == [
        ("Great job!", "generic_praise"),
        ("You need to call your sponsor tonight.", "direct_command"),
    ]


def test_evidence_names_its_rule(reader: ReplyReader) -> None:
    (span,) = reader.read("You need to call your sponsor tonight.").spans
    assert (span.rule, span.probability >= 0.9) == ("you_need_to", True)


def test_topics_say_what_is_asked(reader: ReplyReader) -> None:
    (asked, *_) = reader.read("how are you sleeping these days?").topics
    assert (asked.topic, asked.is_asked) == ("sleep", True)
    told = {topic.topic: topic for topic in reader.read("your daughter means the world to you").topics}
    assert told["children"].is_asked is False


def test_every_topic_can_be_asked_about(reader: ReplyReader) -> None:
    topics = [topic for topic in load_topics(load_settings().data) if topic.id != NOTHING]
    texts = [topic.examples[0] for topic in topics]
    readings = reader.read_many([(text, "") for text in texts])
    missed = [
        topic.id
        for topic, reading in zip(topics, readings, strict=True)
        if topic.id not in {found.topic for found in reading.topics}
    ]
    assert missed == []


def test_similarity_only_with_a_peer_line(reader: ReplyReader) -> None:
    assert len(reader.read("That was a hard weekend. What helped?", PEER).similarity) == 2
    assert reader.read("That was a hard weekend.").similarity == ()


def test_reading_survives_the_journey_as_entities(reader: ReplyReader) -> None:
    reading = reader.read("So the weekend got you. Want to tell me more?", PEER)
    again = Reading.from_entities(reading.text, json.loads(json.dumps(reading.to_entities())))
    assert again.spans == reading.spans
    assert again.topics == reading.topics
    assert again.mentions == reading.mentions


def test_batch_and_single_reading_agree(reader: ReplyReader) -> None:
    replies = ["What helped before?", "", "asdf", "so weekends then. " * 30, "yeah", "you got this!! call me"]
    together = reader.read_many([(reply, PEER) for reply in replies])
    for reply, reading in zip(replies, together, strict=True):
        alone = reader.read(reply, PEER)
        assert alone.moves == reading.moves
        assert alone.mentions == reading.mentions
        assert alone.move_probabilities == pytest.approx(reading.move_probabilities, abs=1e-3)


def test_saved_parts_read_alike(reader: ReplyReader, tmp_path: Path) -> None:
    reader.parts.save(tmp_path)
    again = ReplyReader(reader.encoder, reader.context, ReaderParts.load(tmp_path))
    replies = [
        (text, PEER) for text in ("What helped?", "you should try yoga", "im so sorry. thats heavy", "ok")
    ]
    assert again.read_many(replies) == reader.read_many(replies)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("asdf", "unreadable"),
        ("jkl;jkl; sdfsdf", "unreadable"),
        ("\U0001f600", "unreadable"),
        ("???", "unreadable"),
        ("", "unreadable"),
        ("   ", "unreadable"),
        ("\u200b\u200b", "unreadable"),
        ("hola como estas hoy, que necesitas", "other_language"),
        ("\u044f \u043d\u0435 \u0437\u043d\u0430\u044e", "other_language"),
        ("\u4f60\u597d\u5417", "other_language"),
        ("je ne sais pas quoi dire, c'est dur pour vous", "other_language"),
        ("7", None),
        ("mm", None),
        ("ay mi hijo, that sounds hard", None),
        ("hows ur son marisol", None),
        ("lol", None),
        ("wat hapend 2 u", None),
        ("weekends", None),
        ("Naloxone?", None),
    ],
)
def test_noise_and_other_languages(reader: ReplyReader, text: str, kind: str | None) -> None:
    assert unreadable_kind(text, reader.encoder.whole_words()) == kind
    reading = reader.read(text, PEER)
    check_valid(text, reading)
    if kind:
        assert [mention.kind for mention in reading.mentions] == [kind]
        assert reading.moves == ()


def odd_inputs() -> list[str]:
    draw = random.Random(7)
    scripts = [
        "\u0645\u0631\u062d\u0628\u0627",
        "\u3053\u3093\u306b",
        "\u0928\u092e\u0938\u094d",
        "\ud55c\uad6d\uc5b4",
    ]
    fixed = [
        "a" * 20000, "what? " * 3000, "\U0001f600" * 500, "<script>alert(1)</script> how are you",
        "<b>You</b> need to <i>call</i>",
        "'; DROP TABLE messages; --", "y\u200bo\u200bu need to go", "\x00\x01\x02",
        "\u202eyou are bad",
        "\ud800 you need to \udfff call",
        "e\u0301" * 300, "https://example.org/a?b=c#d what is this", "{{7*7}} ${x} %s",
        '{"moves": {"affirm_strength": 1}}', "\n" * 500, ". . . . .", "!!!!!!",
        "I" * 300 + "?", "\t".join("abc"),
        "Lorem ipsum dolor sit amet " * 200, "you " * 2000,
        "\ufeffhello", "\U0001f469\u200d\U0001f469\u200d\U0001f467",
    ]  # fmt: skip
    noise = [
        "".join(draw.choices("asdfghjkl;qwertyuiop zxcvbnm?!.\n", k=draw.randint(1, 80))) for _ in range(120)
    ]
    wild = ["".join(chr(draw.randint(32, 0x2FFF)) for _ in range(draw.randint(1, 60))) for _ in range(60)]
    return fixed + scripts + noise + wild


def test_odd_input_gets_a_valid_answer_quickly(reader: ReplyReader) -> None:
    inputs = odd_inputs()
    assert len(inputs) > 200
    for text in inputs:
        began = time.process_time()  # what others do on this machine does not count
        reading = reader.read(text, PEER)
        assert time.process_time() - began < 5, text[:40]
        check_valid(text, reading)


def test_rasa_gives_the_same_reading(archive: Path, reader: ReplyReader) -> None:
    from rasa.core.agent import Agent

    agent = Agent.load(str(archive))
    reply = "Great job! You need to call your sponsor tonight."
    parsed = asyncio.run(agent.parse_message(reply))
    assert parsed["intent"]["name"] in {"direct_command", "generic_praise"}
    assert Reading.from_entities(reply, parsed["entities"]).spans == reader.read(reply).spans
    assert asyncio.run(agent.parse_message("pause"))["intent"]["name"] == "pause"
    assert asyncio.run(agent.parse_message("asdf"))["intent"]["name"] == OTHER


def test_missing_model_says_what_to_run(tmp_path: Path) -> None:
    settings = load_settings({"SWITCHBACK_MODELS": str(tmp_path)})
    with pytest.raises(ModelMissing, match="switchback train"):
        load_reader(None, settings)


def test_probabilities_sum_to_one() -> None:
    likely = softmax(np.array([[1000.0, 0.0], [-3.0, -3.0]]))
    np.testing.assert_allclose(likely, [[1, 0], [0.5, 0.5]])


def test_asking_about_suicide_is_no_wish_to_pause(reader: ReplyReader) -> None:
    reply = "I need to stop. Are you having thoughts of suicide?"
    kinds = {mention.kind for mention in reader.read(reply).mentions}
    assert "asks_suicide" in kinds and "pause_word" not in kinds
    assert "pause_word" in {mention.kind for mention in reader.read("I need to stop.").mentions}
