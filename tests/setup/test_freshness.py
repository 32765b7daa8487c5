import os

import pytest

from bot.freshness import TRAINED_FROM, model_sources, note_training, sources_hash, why_train
from bot.settings import load_settings
from bot.supervisor import train_if_stale


@pytest.fixture
def project(tmp_path):
    """A small project, trained."""
    for name in ("config.yml", "domain.yml", "data/rules.yml", "data/nlu/ask.yml", "bot/nlu/form.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(f"# {name}\n")
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "20260101-first.tar.gz").touch()
    note_training(settings_of(tmp_path), hash_of(tmp_path))
    return tmp_path


def settings_of(project):
    return load_settings({f"SWITCHBACK_{name.upper()}": str(project / name) for name in ("data", "models")})


def hash_of(project):
    return sources_hash(model_sources(project / "data", project), project)


def why(project):
    return why_train(settings_of(project), project)


def test_a_trained_project_needs_no_training(project):
    assert why(project) is None


@pytest.mark.parametrize("name", ["config.yml", "domain.yml", "data/nlu/ask.yml", "bot/nlu/form.py"])
def test_a_change_of_any_source_is_seen(project, name):
    (project / name).write_text("changed")
    assert why(project) == "content or configuration has changed since the last training"


@pytest.mark.parametrize("name", ["data/scenarios/dana.yml", "bot/nlu/new.py", "bot/peer/policy.py"])
def test_a_new_source_is_seen(project, name):
    (project / name).parent.mkdir(parents=True, exist_ok=True)
    (project / name).touch()
    assert why(project) is not None


def test_a_renamed_source_is_seen(project):
    os.rename(project / "data/nlu/ask.yml", project / "data/nlu/asks.yml")
    assert why(project) is not None


@pytest.mark.parametrize("name", ["README.md", "bot/web/app.py", "bot/nlu/__pycache__/form.pyc", "data/.swp"])
def test_what_training_does_not_read_is_not_looked_at(project, name):
    (project / name).parent.mkdir(parents=True, exist_ok=True)
    (project / name).write_text("new")
    assert why(project) is None


def test_a_touched_file_with_the_same_content_is_no_change(project):
    os.utime(project / "config.yml", (1, 1))
    assert why(project) is None


def test_a_moved_checkout_is_no_change(project):
    moved = project.with_name("moved")
    os.rename(project, moved)
    assert why(moved) is None


def test_a_missing_model_is_named(project):
    (project / "models" / "20260101-first.tar.gz").unlink()
    assert why(project) == "there is no model yet"


def test_a_model_trained_by_hand_counts_as_unknown(project):
    by_hand = project / "models" / "20260102-by-hand.tar.gz"
    by_hand.touch()
    os.utime(by_hand, (2e9, 2e9))
    assert why(project) == "it is not known what 20260102-by-hand.tar.gz was trained from"


@pytest.mark.parametrize("text", ["", "{", "[]", '{"archive": "x"}'])
def test_a_broken_note_means_training_not_a_crash(project, text):
    (project / "models" / TRAINED_FROM).write_text(text)
    assert "cannot be read" in why(project)


def test_training_happens_once(project):
    (project / "config.yml").write_text("changed")
    said, trained = [], []

    def train():
        trained.append(True)

    assert train_if_stale(settings_of(project), train, said.append, project)
    assert not train_if_stale(settings_of(project), train, said.append, project)
    assert trained == [True]
    assert said[0].startswith("Training the model, because content or configuration has changed")


def test_a_file_edited_while_training_counts_as_a_change(project):
    (project / "config.yml").write_text("changed")

    def train():
        (project / "domain.yml").write_text("changed meanwhile")

    assert train_if_stale(settings_of(project), train, [].append, project)
    assert why(project) is not None


def test_training_that_leaves_no_model_is_an_error(project):
    (project / "models" / "20260101-first.tar.gz").unlink()
    with pytest.raises(FileNotFoundError, match="training left no model"):
        train_if_stale(settings_of(project), lambda: None, [].append, project)
