"""Example sentences are read faster than Rasa reads them, and are the same."""

from __future__ import annotations

from pathlib import Path

import pytest
from rasa.shared.nlu.training_data.loading import load_data

from bot.engine.importer import examples_of

PLAIN = """
version: "3.1"
nlu:
- intent: validate
  examples:
  - text: |
      that's [hard](feeling), caf\u00e9 \U0001f642 and all
    metadata:
      peer: "i lost my dad \u2013 in march"
  - text: |
      no wonder
"""
OTHERS = {
    "a list in one text": PLAIN + "- intent: pause\n  examples: |\n    - pause\n    - hold on\n",
    "a word that YAML 1.1 takes for a truth": PLAIN.replace("no wonder", "no").replace('"i lost', 'yes #"'),
    "an escape": PLAIN.replace("in march", "\\u00e9"),
    "a variable": PLAIN.replace("in march", "${HOME}"),
}


@pytest.mark.parametrize("written", [PLAIN, *OTHERS.values()], ids=["plain", *OTHERS])
def test_examples_are_what_rasa_reads(written: str, tmp_path: Path) -> None:
    path = tmp_path / "nlu.yml"
    path.write_text(written, encoding="utf-8")
    ours, theirs = examples_of(str(path), "en"), load_data(str(path), "en")
    assert [one.as_dict() for one in ours.training_examples] == [
        one.as_dict() for one in theirs.training_examples
    ]
    assert len(ours.training_examples) >= 2
    assert ours.entity_synonyms == theirs.entity_synonyms
