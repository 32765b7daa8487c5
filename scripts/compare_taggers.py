"""What other ways of telling moves apart would give: the table "What was tried" of the model card.

    python scripts/compare_taggers.py [--diet]

All learn from the example sentences and from the whole replies (`data/replies`) but for the fifth that is
kept apart, and name the moves of that fifth's parts. The held-out replies are not touched: they are for the
one that is kept. `--diet` adds Rasa's own classifier, which takes half an hour.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from sklearn.decomposition import PCA
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.neighbors import KNeighborsClassifier, NearestCentroid
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import normalize
from tune_encoder import sentences

from bot.content import read_yaml
from bot.logs import quiet
from bot.nlu.calibration import read_replies
from bot.nlu.context import ContextEncoder
from bot.nlu.encoder import SIZE
from bot.nlu.features import ContextParts, PartFeatures, Wanted, features_of
from bot.nlu.ngrams import Ngrams
from bot.nlu.replies import load_replies
from bot.nlu.softmax import fit_softmax
from bot.nlu.tagger import NGRAM_WEIGHT, STRENGTH
from bot.nlu.vector_store import StoredParts, VectorStore
from bot.settings import load_settings

Guess = Callable[[PartFeatures, np.ndarray, PartFeatures], np.ndarray]
"""Takes training features, their labels and features to name; returns the labels named."""


def regression(columns: np.ndarray | None = None, grams: bool = True) -> Guess:
    """Return our own tagger's model, with some of the dense features only or without n-grams."""

    def guess(known: PartFeatures, labels: np.ndarray, asked: PartFeatures) -> np.ndarray:
        ngrams = Ngrams().fit(known.texts)
        weight = np.float32(NGRAM_WEIGHT if grams else 0)
        chosen = np.arange(known.dense.shape[1]) if columns is None else columns
        targets = np.eye(labels.max() + 1, dtype=np.float32)[labels]
        model = fit_softmax(
            known.dense[:, chosen], ngrams.transform(known.texts) * weight, targets, STRENGTH, 40
        )
        return model.scores(asked.dense[:, chosen], ngrams.transform(asked.texts) * weight).argmax(axis=1)

    return guess


def other(make: Callable[[], object], parts: int = 0, unit: bool = False) -> Guess:
    """Return one of scikit-learn's classifiers on the dense features, if wanted on so many components."""

    def guess(known: PartFeatures, labels: np.ndarray, asked: PartFeatures) -> np.ndarray:
        train, test = known.dense, asked.dense
        if parts:
            found = PCA(parts, random_state=1).fit(train[:, :SIZE])
            train = np.concatenate([found.transform(train[:, :SIZE]), train[:, SIZE:]], axis=1)
            test = np.concatenate([found.transform(test[:, :SIZE]), test[:, SIZE:]], axis=1)
        if unit:
            train, test = normalize(train), normalize(test)
        return np.asarray(make().fit(train, labels).predict(test))  # type: ignore[attr-defined]

    return guess


def diet(known: PartFeatures, labels: np.ndarray, asked: PartFeatures) -> np.ndarray:
    """Return what Rasa's DIET says, on its count vectors as the default configuration has it."""
    import asyncio

    import yaml
    from rasa.core.agent import load_agent
    from rasa.model_training import train_nlu

    grams = {"name": "CountVectorsFeaturizer", "analyzer": "char_wb", "min_ngram": 1, "max_ngram": 4}
    names = ["WhitespaceTokenizer", "LexicalSyntacticFeaturizer", "CountVectorsFeaturizer"]
    pipeline = [*({"name": name} for name in names), grams, {"name": "DIETClassifier", "epochs": 60}]
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        intents: dict[int, list[dict[str, str]]] = {}
        for text, label in zip(known.texts, labels, strict=True):
            intents.setdefault(int(label), []).append({"text": text or "-"})
        nlu = [{"intent": f"m{label}", "examples": examples} for label, examples in intents.items()]
        (folder / "nlu.yml").write_text(yaml.safe_dump({"version": "3.1", "nlu": nlu}), encoding="utf-8")
        config = {"recipe": "default.v1", "language": "en", "pipeline": pipeline}
        (folder / "config.yml").write_text(yaml.safe_dump(config), encoding="utf-8")
        path = train_nlu(str(folder / "config.yml"), str(folder / "nlu.yml"), str(folder))

        async def read() -> list[int]:
            agent = await load_agent(model_path=path)
            return [
                int((await agent.parse_message(text or "-"))["intent"]["name"][1:]) for text in asked.texts
            ]

        return np.array(asyncio.run(read()))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--diet", action="store_true", help="Rasa's DIET too")
    options = parser.parse_args()
    quiet()
    settings = load_settings()
    texts, peers, labels = sentences(settings.data)
    known = [str(move["id"]) for move in read_yaml(settings.data / "moves.yml")["moves"]]
    moves = sorted({*known, *labels})
    reader = StoredParts(
        ContextParts(ContextEncoder(settings.encoder, threads=2)), VectorStore(settings.encoder)
    )
    replies = read_replies(reader, load_replies(settings.data, known))
    if replies is None:
        raise SystemExit("there are no whole replies to compare on")
    alone = [Wanted(peer, text, ((0, len(text)),)) for peer, text in zip(peers, texts, strict=True)]
    features = features_of(list(zip(peers, texts, strict=True)), reader.parts(alone))
    train = features.joined(replies.learned.features)
    named = [*labels, *replies.learned.moves]
    asked = replies.kept_apart.features
    wanted = np.array([moves.index(move) for move in replies.kept_apart.moves])
    targets = np.array([moves.index(label) for label in named])
    everything = np.arange(features.dense.shape[1])
    ways: dict[str, Guess] = {
        "kept: softmax on vector in context, form, n-grams": regression(),
        "without n-grams": regression(grams=False),
        "without form": regression(everything[:SIZE]),
        "form features and n-grams only": regression(everything[SIZE:]),
        "nearest prototype": other(NearestCentroid, unit=True),
        "15 nearest neighbors": other(lambda: KNeighborsClassifier(15, weights="distance"), unit=True),
        "network, one hidden layer of 256": other(
            lambda: MLPClassifier(256, alpha=1e-3, max_iter=30, early_stopping=True, random_state=1)
        ),
        "gradient boosting on 48 components and form": other(
            lambda: HistGradientBoostingClassifier(max_iter=40, max_leaf_nodes=15, random_state=1), parts=48
        ),
    }
    if options.diet:
        ways["Rasa's DIET"] = diet
    print(f"{len(named)} to learn from, {len(wanted)} parts of whole replies to name")
    for name, guess in ways.items():
        started = time.monotonic()
        found = guess(train, targets, asked)
        scores = []
        for number in range(len(moves)):
            both = ((found == number) & (wanted == number)).sum()
            scores.append(2 * both / max(1, (found == number).sum() + (wanted == number).sum()))
        took = time.monotonic() - started
        print(
            f"{name:55s} macro F1 {np.mean(scores):.3f}  right {np.mean(found == wanted):.3f}  {took:5.0f} s",
            flush=True,
        )


if __name__ == "__main__":
    main()
