"""The rubric files: what is in them, and what is said when something is wrong."""

import re
import shutil

import pytest

from actions.rubric import CRITERIA, RubricError, load_rubric
from tests.rubric.build import DATA, rubric

FILES = ("moves.yml", "rubric.yml", "feedback.yml")


@pytest.fixture
def copy(tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    for name in FILES:
        shutil.copy(DATA / name, folder / name)
    return folder


def spoil(folder, name, old, new):
    text = (folder / name).read_text(encoding="utf-8")
    assert old in text
    (folder / name).write_text(text.replace(old, new, 1), encoding="utf-8")


def problem(folder):
    with pytest.raises(RubricError) as caught:
        load_rubric(folder)
    return str(caught.value)


def test_everything_is_there():
    loaded = rubric()
    kinds = [move.kind for move in loaded.moves.values()]
    assert (kinds.count("A"), kinds.count("N"), kinds.count("X")) == (24, 4, 12)
    assert len(loaded.flags) == 11 and len(loaded.context) == 14 and len(loaded.indicators) == 22
    assert [sum(i.criterion == key for i in loaded.indicators.values()) for key in CRITERIA] == [7, 8, 7]
    assert [i.id for i in loaded.indicators.values() if i.weight > 1] == ["C3", "C4", "S2", "S4", "H1", "H2"]
    assert re.fullmatch(r"1\.3\+[0-9a-f]{8}", loaded.version)


def test_every_move_and_flag_has_feedback():
    loaded = rubric()
    for move in loaded.moves.values():
        if move.kind == "X":
            assert move.id in loaded.feedback.to_try and move.id in loaded.feedback.first
        elif any(move.weights.values()):
            assert move.id in loaded.feedback.worked
    spoken = set(loaded.feedback.to_try)
    assert set(loaded.flags) - spoken == {"to_scorer"}
    assert set(loaded.feedback.first) == {code.partition(":")[0] for code in spoken}


def test_feedback_names_no_code_and_is_plain():
    loaded = rubric()
    names = [name for name in (*loaded.moves, *loaded.flags) if "_" in name]
    for entry in (*loaded.feedback.worked.values(), *loaded.feedback.to_try.values()):
        for text in (*entry.say, *entry.rephrase, entry.why):
            assert not any(name in text for name in names)
            assert max(len(part.split()) for part in re.split(r"[.?!;:]", text)) <= 22, text


def test_version_follows_content(copy):
    before = load_rubric(copy).version
    spoil(copy, "rubric.yml", "unmet_tag: 0.5", "unmet_tag: 0.4")
    assert load_rubric(copy).version != before


@pytest.mark.parametrize(
    "name, old, new, said",
    [
        (
            "rubric.yml",
            "effects: {collaboration: -1, humility: -1}",
            "effects: {collaboration: -1, humilty: -1}",
            "data/rubric.yml: flags.missed_empathy.effects: unknown criterion"
            ' "humilty"; did you mean "humility"?',
        ),
        (
            "rubric.yml",
            "answered_by: [affirm_strength,",
            "answered_by: [afirm_strength,",
            "data/rubric.yml: flags.missed_strength.answered_by: unknown move"
            ' "afirm_strength"; did you mean "affirm_strength"?',
        ),
        (
            "rubric.yml",
            "  question_stack:",
            "  question_stak:",
            'data/rubric.yml: flags: unknown flag "question_stak"; did you mean "question_stack"?',
        ),
        (
            "rubric.yml",
            "harms: [direct_command]\n  when: [start, dec]",
            "harms: [direct_command]\n  when: [begin, dec]",
            'data/rubric.yml: indicators[C1].when: unknown tag "begin"',
        ),
        (
            "rubric.yml",
            'helps: ["affirm_strength:win", affirm_strength@win]',
            'helps: ["affirm_strength:wins", affirm_strength@win]',
            'data/rubric.yml: indicators[S3].helps[1]: unknown kind "wins"; did you mean "win"?',
        ),
        (
            "rubric.yml",
            "credit_decay: 1.6",
            "credit_decay: soon",
            "data/rubric.yml: reply.credit_decay: must be a number",
        ),
        ("rubric.yml", "credit_decay: 1.6", "decay: 1.6", 'data/rubric.yml: reply: unknown key "decay"'),
        (
            "moves.yml",
            "kind: A",
            "kind: B",
            'data/moves.yml: moves[seek_collaboration].kind: unknown kind "B"',
        ),
        (
            "moves.yml",
            "instead: direct_command}",
            "instead: direct_comand}",
            'did you mean "direct_command"?',
        ),
        ("moves.yml", "number: 2", "number: 3", "must be 2, the moves are numbered in order"),
        ("feedback.yml", "{q} put them", "{words} put them", 'unknown blank "words"'),
        ("feedback.yml", "- missed_safety_cue", "- missed_safty_cue", 'did you mean "missed_safety_cue"?'),
        ("feedback.yml", "points: 2 ", "points: [2 ", "data/feedback.yml: line"),
    ],
)
def test_mistakes_are_named_with_place_and_nearest_answer(copy, name, old, new, said):
    spoil(copy, name, old, new)
    assert said in problem(copy)


def test_a_missing_file_is_named(copy):
    (copy / "moves.yml").unlink()
    assert problem(copy).startswith("data/moves.yml: cannot be read")
