"""Compiles the content files into what Rasa trains on.

Moves become intents, scenarios become values of the `scenario` slot and conditional responses of
`utter_open`, and one rule says that every reply is assessed before it is answered. The thousands
of other lines stay in the scenario files, which the policy carries in the model: as conditional
responses they would be read through YAML at every start and sent about with the domain.

Training and `rasa data validate` stop here, with every problem named, if a content file is wrong.
"""

from __future__ import annotations

import copy
import hashlib
import os
from contextlib import suppress
from pathlib import Path
from typing import Any, cast

from rasa.shared.constants import LATEST_TRAINING_DATA_FORMAT_VERSION
from rasa.shared.core.domain import Domain
from rasa.shared.core.training_data.story_reader.yaml_story_reader import YAMLStoryReader
from rasa.shared.core.training_data.structures import StoryGraph
from rasa.shared.importers.rasa import RasaFileImporter
from rasa.shared.nlu.training_data.formats.rasa_yaml import RasaYAMLReader
from rasa.shared.nlu.training_data.loading import RASA_YAML, load_data
from rasa.shared.nlu.training_data.training_data import TrainingData
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from bot.content import read_yaml
from bot.engine.content import Cast, load_cast
from bot.reading import OTHER
from bot.settings import load_settings

_examples: dict[tuple[Any, ...], TrainingData] = {}
"""The example sentences read last, under the files they came from."""


class ScenarioImporter(RasaFileImporter):
    """Rasa's own files, with what the content files add."""

    def __init__(
        self,
        config_file: str | None = None,
        domain_path: str | None = None,
        training_data_paths: list[str] | str | None = None,
        **kwargs: Any,
    ) -> None:
        """Read the content beside the configuration, or where `SWITCHBACK_DATA` says.

        Args:
            config_file: Path of `config.yml`.
            domain_path: Path of `domain.yml`.
            training_data_paths: Where Rasa looks for examples, rules and stories.
            kwargs: Other options that Rasa passes to every importer; unused.
        """
        super().__init__(config_file, domain_path, training_data_paths)
        self.data = _content_folder(config_file)
        self._cast: Cast | None = None

    @property
    def cast(self) -> Cast:
        """Return the peers, read once."""
        if self._cast is None:
            self._cast = load_cast(self.data)
        return self._cast

    def moves(self) -> list[str]:
        """Return the move ids and `other`, which are the intents of replies."""
        return [str(move["id"]) for move in read_yaml(self.data / "moves.yml")["moves"]] + [OTHER]

    def get_nlu_data(self, language: str | None = "en") -> TrainingData:
        """Return the example sentences; files that did not change are read once a process.

        `rasa train` reads them for its checks and again for training, and a YAML file of a thousand
        sentences takes Rasa a second or two each time: it parses each file five times, in Python.
        """
        files = tuple((path, hashlib.sha256(Path(path).read_bytes()).hexdigest()) for path in self._nlu_files)
        known = (files, language)
        if known not in _examples:
            _examples.clear()
            _examples[known] = TrainingData().merge(
                *(examples_of(path, language) for path in self._nlu_files)
            )
        return copy.copy(_examples[known])

    def get_domain(self) -> Domain:
        """Return the domain with intents, scenario slot and openings added."""
        openings = [
            {
                "id": scenario.opening.id,
                "text": scenario.opening.text,
                "condition": [{"type": "slot", "name": "scenario", "value": scenario.id}],
            }
            for scenario in self.cast.scenarios.values()
        ]
        compiled = {
            "intents": self.moves(),
            "slots": {
                "scenario": {
                    "type": "categorical",
                    "values": list(self.cast.scenarios),
                    "influence_conversation": False,
                    "mappings": [{"type": "custom"}],
                }
            },
            "responses": {"utter_open": [*openings, {"text": "Hello."}]},
        }
        return super().get_domain().merge(Domain.from_dict(compiled))

    def get_stories(self, exclusion_percentage: int | None = None) -> StoryGraph:
        """Return rules and stories with the rule that every reply is assessed first."""
        graph = super().get_stories(exclusion_percentage)
        either = [{"intent": move} for move in self.moves()]
        rule = {
            "rule": "a reply is assessed before it is answered",
            "steps": [{"or": either}, {"action": "action_assess_reply"}],
        }
        compiled = YAMLStoryReader().read_from_parsed_yaml({"version": "3.1", "rules": [rule]})
        return graph.merge(StoryGraph(compiled))


class _PlainExamples(RasaYAMLReader):
    """Rasa's reader for files that hold nothing but sentences with the peer's line, parsed once and in C."""

    def reads(self, string: str, **kwargs: Any) -> TrainingData:
        """Return what Rasa's own reader returns, and leave every other file to it, with all its checks."""
        content: Any = None
        # Rasa puts variables of the environment in place of ${...}, and reads escapes in a way of its own.
        if "${" not in string and "\\u" not in string.lower():
            with suppress(YAMLError):
                content = YAML(typ="safe").load(string)
        if not _is_plain(content):
            return super().reads(string, **kwargs)
        self._parse_nlu(content["nlu"])
        return TrainingData(self.training_examples, self.entity_synonyms)


def _is_plain(content: Any) -> bool:
    """Return whether a document is a list of intents, each with sentences and at most `peer` beside them."""
    if not isinstance(content, dict) or set(content) != {"version", "nlu"}:
        return False
    if content["version"] != LATEST_TRAINING_DATA_FORMAT_VERSION or not isinstance(content["nlu"], list):
        return False
    return all(
        isinstance(item, dict)
        and set(item) == {"intent", "examples"}
        and isinstance(item["intent"], str)
        and item["intent"]
        and isinstance(item["examples"], list)
        and all(_is_plain_example(example) for example in item["examples"])
        for item in content["nlu"]
    )


def _is_plain_example(example: Any) -> bool:
    if not isinstance(example, dict) or not {"text"} <= set(example) <= {"text", "metadata"}:
        return False
    beside = example.get("metadata", {"peer": ""})
    return (
        isinstance(example["text"], str)
        and isinstance(beside, dict)
        and set(beside) == {"peer"}
        and isinstance(beside["peer"], str)
    )


def examples_of(path: str, language: str | None) -> TrainingData:
    """Return the examples of one file."""
    if Path(path).suffix in (".yml", ".yaml"):
        return cast(TrainingData, _PlainExamples().read(path, language=language, fformat=RASA_YAML))
    return load_data(path, language)


def _content_folder(config_file: str | None) -> Path:
    """Return the content folder: the one set from outside, else `data` beside the configuration."""
    if config_file and "SWITCHBACK_DATA" not in os.environ:
        return Path(config_file).resolve().parent / "data"
    return load_settings().data
