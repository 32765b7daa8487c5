"""`switchback check`: is the content right, and if not, where."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import click

from bot.content import ContentError, Problem
from bot.settings import load_settings


def check_content(data: Path, only: str | None = None) -> tuple[list[Problem], dict[str, int]]:
    """Return every problem of the content files, and how much there is of each.

    Args:
        data: The content folder.
        only: Check this scenario alone, with the files that it refers to.
    """
    from actions.rubric import load_rubric
    from bot.authoring.echoes import echoes, unknown_name
    from bot.authoring.questions import question_problems
    from bot.authoring.schema import SCHEMA_FILE, schema_text
    from bot.authoring.template import left_from_template
    from bot.nlu.replies import load_replies
    from bot.nlu.same_questions import read_same_questions
    from bot.peer.dynamics import load_dynamics
    from bot.peer.safety import load_step_outs
    from bot.peer.scenario_file import read_scenario, with_lines
    from bot.peer.shape import load_vocabulary
    from bot.web.library import read_report_content

    problems: list[Problem] = []
    counts: dict[str, int] = {}

    def attempt(work: Callable[[], Any]) -> Any:
        try:
            return work()
        except ContentError as error:
            problems.extend(error.problems)
            return None

    attempt(lambda: load_dynamics(data))
    attempt(lambda: load_step_outs(data))
    attempt(lambda: read_same_questions(data))
    rubric = attempt(lambda: load_rubric(data))
    if rubric:
        counts["moves"] = len(rubric.moves)
        attempt(lambda: read_report_content(data))
        replies = attempt(lambda: load_replies(data, list(rubric.moves)))
        if replies:
            counts["whole replies"] = len(replies)
    vocabulary = attempt(lambda: load_vocabulary(data))
    if vocabulary is None:
        return problems, counts
    counts["topics"] = len(vocabulary.topics)
    schema = data / SCHEMA_FILE
    if schema.exists() and schema.read_text(encoding="utf-8") != schema_text(data):
        text = "does not know the latest topics, moves or keys; `switchback check --schema` makes it anew"
        problems.append(Problem(f"data/{SCHEMA_FILE}", "", text, is_error=False))
    paths = sorted((data / "scenarios").glob("*.yml"))
    if only and only not in {path.stem for path in paths}:
        known = ", ".join(path.stem for path in paths)
        return [Problem("data/scenarios", "", f'there is no scenario "{only}"; there are: {known}')], counts
    patterns = (data / "patterns.yml").read_text(encoding="utf-8")
    cast = {path.stem: _readable(path, vocabulary) for path in paths}
    for path in paths:
        if only and path.stem != only:
            continue
        read = attempt(partial(read_scenario, path, vocabulary))
        if read:
            others = [other for name, other in cast.items() if other and name != path.stem]
            problems.extend(read[1])
            file = f"data/scenarios/{path.name}"
            more = left_from_template(read[0], file) + echoes(read[0], others, file)
            more += unknown_name(read[0], patterns, file) + question_problems(read[0], file)
            problems.extend(with_lines(path, more))
            counts["scenarios"] = counts.get("scenarios", 0) + 1
            counts["lines"] = counts.get("lines", 0) + sum(1 for _ in read[0].lines())
    return problems, counts


def _readable(path: Path, vocabulary: Any) -> Any:
    """Return a scenario to compare others with, or None: what is wrong with it is told when it is checked."""
    from bot.peer.scenario_file import read_scenario

    try:
        return read_scenario(path, vocabulary)[0]
    except ContentError:
        return None


@click.command()
@click.argument("scenario", required=False)
@click.option("--strict", is_flag=True, help="Fail on advice too, not only on errors.")
@click.option("--schema", is_flag=True, help="Also make the schema for editors anew.")
def check(scenario: str | None, strict: bool, schema: bool) -> None:
    """Check the content files, or one SCENARIO, without training.

    Names file, line, place, problem and the nearest right answer. Exit code 1 if something must be mended.
    """
    data = load_settings().data
    if schema:
        from bot.authoring.schema import SCHEMA_FILE, schema_text

        (data / SCHEMA_FILE).write_text(schema_text(data), encoding="utf-8")
        click.echo(f"Wrote data/{SCHEMA_FILE}.")
    problems, counts = check_content(data, scenario)
    errors = [problem for problem in problems if problem.is_error]
    for problem in problems:
        click.echo(f"{'error' if problem.is_error else 'advice'}: {problem}", err=problem.is_error)
    told = ", ".join(f"{number} {what}" for what, number in counts.items())
    if errors:
        click.echo(f"{len(errors)} to mend ({told} read).", err=True)
        raise SystemExit(1)
    advice = f" with {len(problems)} pieces of advice" if problems else ""
    click.echo(f"All is well{advice}: {told}.")
    if strict and problems:
        raise SystemExit(1)
