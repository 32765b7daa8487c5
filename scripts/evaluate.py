"""How well replies are read: on our own held-out replies, and on real conversations if a folder is given.

    python scripts/evaluate.py
    python scripts/evaluate.py --corpora FOLDER     (FOLDER holds *.jsonl; evaluate.py lies in it or above it)

Nothing here is trained or tuned: the thresholds are the shipped ones. For the corpora the report's own
`--tune` fits thresholds for its tables, as its documentation asks for on the development part.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections import Counter, defaultdict
from pathlib import Path

from bot.logs import quiet

PROJECT = Path(__file__).resolve().parents[1]
HELD_OUT = PROJECT / "tests" / "heldout" / "replies.jsonl"
HELD_OUT_TOPICS = PROJECT / "tests" / "heldout" / "topics.jsonl"
BINS = 10


def f1(right: int, found: int, wanted: int) -> tuple[float, float, float]:
    """Return precision, recall and F1."""
    precision, recall = right / found if found else 0.0, right / wanted if wanted else 0.0
    return precision, recall, 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def overlaps(a: tuple[int, int], b: tuple[int, int]) -> bool:
    return a[0] < b[1] and b[0] < a[1]


def gold_spans(row: dict) -> list[tuple[int, int, str]]:
    """Return a held-out row's spans with offsets; the words stand in it in order."""
    spans, at = [], 0
    for words, move in row["spans"]:
        at = row["reply"].index(words, at)
        spans.append((at, at + len(words), move))
        at += len(words)
    return spans


def held_out(reader, moves: list[str]) -> dict:
    """Read the held-out replies and compare: moves, spans, and how far probabilities can be trusted."""
    rows = [json.loads(line) for line in HELD_OUT.read_text(encoding="utf-8").splitlines()]
    readings = reader.read_many([(row["reply"], row["peer"]) for row in rows])
    right, found, wanted = Counter(), Counter(), Counter()
    hard = {True: [0, 0, 0], False: [0, 0, 0]}
    bins: dict[int, list[tuple[float, bool]]] = defaultdict(list)
    exact = spans_wanted = 0
    confused: Counter[tuple[str, str]] = Counter()
    for row, reading in zip(rows, readings, strict=True):
        gold = gold_spans(row)
        truth = {move for _, _, move in gold if move != "other"}
        seen = set(reading.moves)
        for move in truth | seen:
            right[move] += move in truth and move in seen
            found[move] += move in seen
            wanted[move] += move in truth
        counts = hard[row["is_hard"]]
        counts[0] += len(truth & seen)
        counts[1] += len(seen)
        counts[2] += len(truth)
        for span in reading.spans:
            same = [move for start, end, move in gold if overlaps((start, end), (span.start, span.end))]
            bins[min(BINS - 1, int(span.probability * BINS))].append((span.probability, span.move in same))
            for move in same:
                if move != span.move:
                    confused[(move, span.move)] += 1
        exact += len(
            {(s.start, s.end) for s in reading.spans} & {(a, b) for a, b, move in gold if move != "other"}
        )
        spans_wanted += sum(move != "other" for _, _, move in gold)
    table = {move: f1(right[move], found[move], wanted[move]) for move in moves}
    total = sum(len(items) for items in bins.values())
    reliability = {
        f"{number / BINS:.1f}": (
            len(items),
            sum(p for p, _ in items) / len(items),
            sum(ok for _, ok in items) / len(items),
        )
        for number, items in sorted(bins.items())
    }
    error = sum(n * abs(said - was) for n, said, was in reliability.values()) / total
    return {
        "replies": len(rows),
        "macro_f1": sum(score for _, _, score in table.values()) / len(table),
        "micro_f1": {"hard": f1(*hard[True])[2], "plain": f1(*hard[False])[2]},
        "exact_spans": exact / spans_wanted,
        "expected_calibration_error": error,
        "reliability": reliability,
        "moves": {
            move: {"precision": p, "recall": r, "f1": s, "n": wanted[move]}
            for move, (p, r, s) in table.items()
        },
        "confusions": [[gold, read, n] for (gold, read), n in confused.most_common(25)],
    }


def held_out_topics(reader) -> dict:
    """Read the held-out messages about topics: the topics of each, and whether the first one is right."""
    rows = [json.loads(line) for line in HELD_OUT_TOPICS.read_text(encoding="utf-8").splitlines()]
    readings = reader.read_many([(row["text"], "") for row in rows])
    right, found, wanted = Counter(), Counter(), Counter()
    first = none = 0
    for row, reading in zip(rows, readings, strict=True):
        gold, seen = set(row["topics"]), [topic.topic for topic in reading.topics]
        right.update(gold & set(seen))
        found.update(seen)
        wanted.update(gold)
        first += bool(gold) and bool(seen) and seen[0] in gold
        none += not gold and not seen
    table = {topic: f1(right[topic], found[topic], wanted[topic]) for topic in sorted(wanted)}
    about_something = sum(bool(row["topics"]) for row in rows)
    return {
        "messages": len(rows),
        "macro_f1": sum(score for _, _, score in table.values()) / len(table),
        "micro_f1": f1(sum(right.values()), sum(found.values()), sum(wanted.values()))[2],
        "first_is_right": first / about_something,
        "none_left_alone": none / (len(rows) - about_something),
        "topics": {
            topic: {"precision": p, "recall": r, "f1": s, "n": wanted[topic]}
            for topic, (p, r, s) in table.items()
        },
    }


def draw_reliability(bins: dict[str, tuple[int, float, float]], path: Path) -> None:
    """Draw how often spans were right against how probable they were said to be."""
    import matplotlib

    matplotlib.use("svg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(4.5, 4.5))
    axes.plot([0, 1], [0, 1], color="0.6", linestyle="--", label="perfect")
    said, was = [row[1] for row in bins.values()], [row[2] for row in bins.values()]
    axes.plot(said, was, marker="o", label="shown spans")
    for number, x, y in bins.values():
        axes.annotate(str(number), (x, y), textcoords="offset points", xytext=(6, -10), fontsize=8)
    axes.set(xlabel="probability said", ylabel="share that was right", xlim=(0, 1), ylim=(0, 1))
    axes.legend()
    figure.savefig(path, bbox_inches="tight")


def corpora(folder: Path, out: Path) -> None:
    """Score every conversation file of a folder and print the corpus's own report."""
    judge = next(
        (path for path in (folder / "evaluate.py", folder.parent / "evaluate.py") if path.exists()), None
    )
    if judge is None:
        raise SystemExit(f"there is no evaluate.py in {folder} or above it")
    for gold in sorted(folder.glob("*.jsonl")):
        predicted, thresholds = out / f"{gold.stem}.jsonl", out / f"{gold.stem}.thresholds.json"
        score = [sys.executable, "-m", "bot.cli", "score", str(gold), "--out", str(predicted)]
        subprocess.run(score, check=True, cwd=PROJECT)
        report = [sys.executable, str(judge), "--gold", str(gold), "--pred", str(predicted)]
        subprocess.run([*report, "--tune", str(thresholds), "--bootstrap", "0"], check=True)


def main() -> None:
    """Measure, print and write `held-out.json` and `reliability.svg` into `results/eval`."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--corpora", type=Path, help="folder of annotated conversations (*.jsonl)")
    options = parser.parse_args()
    quiet()
    from actions.rubric import load_rubric
    from bot.nlu.reader import load_reader
    from bot.settings import load_settings

    settings = load_settings()
    moves = list(load_rubric(settings.data).moves)
    reader = load_reader(None, settings)
    result = held_out(reader, moves)
    result["topics"] = topics = held_out_topics(reader)
    out = PROJECT / "results" / "eval"
    out.mkdir(parents=True, exist_ok=True)
    (out / "held-out.json").write_text(json.dumps(result, indent=1), encoding="utf-8")
    draw_reliability(result["reliability"], out / "reliability.svg")
    print(f"Held-out replies: {result['replies']}")
    print(f"macro F1 over {len(moves)} moves   {result['macro_f1']:.3f}")
    print(f"micro F1   hard {result['micro_f1']['hard']:.3f}   plain {result['micro_f1']['plain']:.3f}")
    print(f"spans with exact bounds   {result['exact_spans']:.3f}")
    print(f"expected calibration error   {result['expected_calibration_error']:.3f}")
    print("\nprobability  n  said  was right")
    for low, (n, said, was) in result["reliability"].items():
        print(f"{low:>11} {n:4d}  {said:.2f}  {was:.2f}")
    print("\nmove                       n    P    R   F1")
    for move, row in sorted(result["moves"].items(), key=lambda item: item[1]["f1"]):
        print(f"{move:25s} {row['n']:3d}  {row['precision']:.2f} {row['recall']:.2f} {row['f1']:.2f}")
    print(
        "\nmost confused: "
        + "; ".join(f"{gold} read as {read} ({n})" for gold, read, n in result["confusions"][:12])
    )
    print(f"\nHeld-out messages about topics: {topics['messages']}")
    print(f"macro F1 over {len(topics['topics'])} topics   {topics['macro_f1']:.3f}")
    print(f"micro F1   {topics['micro_f1']:.3f}   first topic right   {topics['first_is_right']:.3f}")
    print(f"messages about nothing left alone   {topics['none_left_alone']:.3f}")
    if options.corpora:
        corpora(options.corpora.resolve(), out)


if __name__ == "__main__":
    main()
