"""`switchback train`: the model, if it is not what the content says."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import click

from bot.logs import quiet, quiet_environment
from bot.settings import PROJECT, Settings, load_settings

KEPT_MODELS = 3


def train_model(settings: Settings) -> None:
    """Train with plain `rasa train`, in a process of its own, into `settings.models`.

    Raises:
        click.ClickException: Training failed; what Rasa said is shown above.
    """
    from bot.nlu.encoder_build import build_encoder

    build_encoder(settings.encoder)
    environment = quiet_environment()
    data, models = str(settings.data), str(settings.models)
    environment |= {"SWITCHBACK_DATA": data, "SWITCHBACK_MODELS": models}
    # Training runs two jobs at a time itself; more threads for each would only wait for one another.
    environment.setdefault("OMP_NUM_THREADS", "1")
    command = [sys.executable, "-m", "rasa", "train", "--data", data, "--out", models]
    done = subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True)
    if done.returncode:
        click.echo(done.stdout + done.stderr, err=True)
        raise click.ClickException("the model could not be trained; Rasa's words are above")
    _forget_old_models(settings.models)


def _forget_old_models(models: Path) -> None:
    """Keep the newest archives only: each holds a few megabytes, and every edit makes one."""
    archives = sorted(models.glob("*.tar.gz"), key=lambda path: path.stat().st_mtime)
    for archive in archives[:-KEPT_MODELS]:
        archive.unlink()


@click.command()
@click.option("--force", is_flag=True, help="Train even if nothing changed.")
def train(force: bool) -> None:
    """Train the model if the content changed since it was trained.

    The same as `rasa train`, which works as well; this one also knows whether it is needed.
    """
    quiet()
    from bot.freshness import TRAINED_FROM
    from bot.supervisor import train_if_stale

    settings = load_settings()
    if force:
        (settings.models / TRAINED_FROM).unlink(missing_ok=True)
    if not train_if_stale(settings, lambda: train_model(settings), click.echo):
        click.echo("The model is up to date.")
