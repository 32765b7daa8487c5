"""The understanding of replies as a Rasa component, in Rasa's order: create, train, process, load."""

from __future__ import annotations

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Dict, List, Optional, Text

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.constants import ENTITIES, INTENT, METADATA, METADATA_EXAMPLE, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.content import read_yaml
from bot.nlu.calibration import read_replies
from bot.nlu.context import ContextEncoder
from bot.nlu.encoder import WEIGHTS_SHA256, Encoder
from bot.nlu.encoder_build import build_encoder
from bot.nlu.encoder_tuning import TUNING_FILE
from bot.nlu.features import ContextParts, Wanted, features_of
from bot.nlu.patterns import PATTERNS_FILE, PatternReader, parse_rules
from bot.nlu.prepared import PreparedLines, load_prepared, prepare_all, save_prepared
from bot.nlu.prepared_reader import PreparedReader
from bot.nlu.reader import ReaderParts, ReplyReader
from bot.nlu.replies import FOLDER as REPLIES_FOLDER
from bot.nlu.replies import load_replies
from bot.nlu.same_questions import QUESTIONS_FILE, read_same_questions
from bot.nlu.tagger import train_tagger
from bot.nlu.topics import TOPICS_FILE, load_topics, train_topics
from bot.nlu.vector_store import StoredEncoder, StoredParts, VectorStore
from bot.nlu.wording import readable
from bot.peer import phrases
from bot.peer.scenario_file import load_scenarios
from bot.reading import OTHER, Reading
from bot.settings import load_settings

RANKED = 10
SESSION_FILE = "session.json"
MOVES_FILE = "moves.yml"
SESSION_WORDS = {"pause_word": "pause", "resume_word": "resume"}
"""Mentions that are an intent of their own: they step out of the roleplay and back."""


@DefaultV1Recipe.register(
    [DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR],
    is_trainable=True,
)
class MoveTagger(GraphComponent, IntentClassifier, EntityExtractorMixin):
    """Reads a trainee's reply: moves, topics and mentions as entities, the most probable move as intent.

    The peer's last line arrives as `metadata: {"peer": ...}` of the message, with the `person` spoken with
    and the ids of the lines `said` last: then the lines that the reply leads to are found as well.
    Intents that are no moves (`pause`, `resume`, ...) are recognised by their examples, word for word.
    """

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        """Return the options: batches at a time while training, and processor threads while people wait."""
        return {"train_threads": 2, "threads": 1}

    def __init__(
        self,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        parts: Optional[ReaderParts] = None,
        session: Optional[Dict[Text, Text]] = None,
        prepared: Optional[Dict[Text, PreparedLines]] = None,
    ) -> None:
        self._config = config
        self._model_storage = model_storage
        self._resource = resource
        self._parts = parts
        self._session = session or {}
        self._prepared = prepared or {}
        self._reader: Optional[PreparedReader] = None

    @classmethod
    def create(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> MoveTagger:
        """Return an untrained component."""
        return cls(config, model_storage, resource)

    @classmethod
    def fingerprint_addon(cls, config: Dict[Text, Any]) -> Optional[Text]:
        """Return a hash of what training depends on and Rasa cannot see: our modules, content, weights."""
        digest = hashlib.sha256(WEIGHTS_SHA256.encode())
        modules = [*sorted(Path(__file__).parent.glob("*.py")), Path(phrases.__file__)]
        data = load_settings().data
        replies = sorted((data / REPLIES_FOLDER).glob("*.yml"))
        tuning = [TUNING_FILE]
        scenarios = sorted((data / "scenarios").glob("*.yml"))
        for path in [
            *modules,
            *tuning,
            *replies,
            *scenarios,
            data / PATTERNS_FILE,
            data / TOPICS_FILE,
            data / QUESTIONS_FILE,
            data / MOVES_FILE,
        ]:
            digest.update(path.read_bytes())
        return digest.hexdigest()

    def train(self, training_data: TrainingData) -> Resource:
        """Train tagger and topic reader on our sentences and keep all content with them."""
        settings = load_settings()
        build_encoder(settings.encoder)
        encoder = Encoder(settings.encoder, together=self._config["train_threads"])
        context = ContextEncoder(settings.encoder, together=self._config["train_threads"])
        known = [str(move["id"]) for move in read_yaml(settings.data / MOVES_FILE)["moves"]]
        examples = [message for message in training_data.intent_examples if message.get(TEXT)]
        of_moves = [message for message in examples if message.get(INTENT) in {*known, OTHER}]
        wanted = [
            Wanted(_peer_of_example(message), message.get(TEXT), ((0, len(message.get(TEXT))),))
            for message in of_moves
        ]
        labels = [message.get(INTENT) for message in of_moves]
        store = VectorStore(settings.encoder)
        reader = StoredParts(ContextParts(context), store)
        replies = read_replies(reader, load_replies(settings.data, known))
        features = features_of([(one.peer, one.text) for one in wanted], reader.parts(wanted))
        stored = StoredEncoder(encoder, store)
        questions = read_same_questions(settings.data)
        # The fit leaves a core idle, and the encoder works without Python's lock.
        with ThreadPoolExecutor(1) as beside:
            preparing = beside.submit(
                lambda: prepare_all(stored, load_scenarios(settings.data).values(), questions)
            )
            tagger = train_tagger(features, labels, replies)
            self._prepared = preparing.result()
        rules = {**read_yaml(settings.data / PATTERNS_FILE), "moves": known}
        patterns = PatternReader(parse_rules(rules, known))
        topics = train_topics(stored, load_topics(settings.data))
        store.keep()
        self._parts = ReaderParts(tagger, topics, patterns, rules)
        self._session = {
            _key(message.get(TEXT)): message.get(INTENT)
            for message in examples
            if message.get(INTENT) not in {*known, OTHER}
        }
        self._reader = PreparedReader(ReplyReader(encoder, context, self._parts), self._prepared)
        self.persist()
        return self._resource

    def process(self, messages: List[Message]) -> List[Message]:
        """Read the messages and set intent, ranking and entities."""
        for message in messages:
            text = message.get(TEXT) or ""
            known = message.get(METADATA) or {}
            peer = str(known.get("peer") or "")
            person, said = str(known.get("person") or ""), known.get("said") or ()
            reading = self._open_reader().read_to(text, peer, person, said)
            ranking = self._ranking(text, reading)
            message.set(INTENT, ranking[0], add_to_output=True)
            message.set("intent_ranking", ranking, add_to_output=True)
            message.set(ENTITIES, (message.get(ENTITIES) or []) + reading.to_entities(), add_to_output=True)
        return messages

    def _ranking(self, text: Text, reading: Reading) -> List[Dict[Text, Any]]:
        """Return the message's intents, the most probable first."""
        session = self._session.get(_key(text))
        for mention in reading.mentions:
            session = session or SESSION_WORDS.get(mention.kind)
        likely = dict(reading.move_probabilities)
        if session is not None:
            likely = {session: 1.0, **{move: 0.0 for move in list(likely)[:1]}}
        # What is shown comes first; probabilities that crossed no threshold count half.
        elif reading.spans:
            shown = {span.move: max(span.probability, likely.get(span.move, 0.0)) for span in reading.spans}
            likely = {move: value / 2 for move, value in likely.items()} | shown
        else:
            likely = {OTHER: 1 - max(likely.values(), default=0.0) / 2} | {
                move: value / 2 for move, value in likely.items()
            }
        ranked = sorted(likely.items(), key=lambda item: (-item[1], item[0]))[:RANKED]
        return [{"name": name, "confidence": round(float(value), 4)} for name, value in ranked]

    def _open_reader(self) -> PreparedReader:
        """Return the reader, opening the encoder at the first message and not at load."""
        if self._reader is None:
            if self._parts is None:
                raise RuntimeError("the move tagger is not trained; run `switchback train`")
            folder, threads = load_settings().encoder, self._config["threads"]
            encoder, context = Encoder(folder, threads), ContextEncoder(folder, threads)
            self._reader = PreparedReader(ReplyReader(encoder, context, self._parts), self._prepared)
        return self._reader

    def persist(self) -> None:
        """Write all that `process` needs, except the encoder, into the model."""
        if self._parts is None:
            return
        with self._model_storage.write_to(self._resource) as folder:
            self._parts.save(folder)
            save_prepared(self._prepared, folder)
            (folder / SESSION_FILE).write_text(json.dumps(self._session), encoding="utf-8")

    @classmethod
    def load(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> MoveTagger:
        """Read back what `persist` wrote."""
        with model_storage.read_from(resource) as folder:
            parts = ReaderParts.load(folder)
            session = json.loads((folder / SESSION_FILE).read_text(encoding="utf-8"))
            prepared = load_prepared(folder)
        return cls(config, model_storage, resource, parts, session, prepared)


def _peer_of_example(message: Message) -> Text:
    """Return the peer's line that stands beside a training example."""
    metadata = message.get(METADATA) or {}
    return str((metadata.get(METADATA_EXAMPLE) or {}).get("peer") or "")


def _key(text: Text) -> Text:
    """Return a message without the differences that do not matter for recognising it word for word."""
    return readable(text).strip(" .!?")
