"""`switchback train`: the model, if it is not what the content says."""

from __future__ import annotations

import subprocess
import sys
import time
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
    environment["SWITCHBACK_DATA"], environment["SWITCHBACK_MODELS"] = (
        str(settings.data),
        str(settings.models),
    )
    command = [
        sys.executable,
        "-m",
        "rasa",
        "train",
        "--data",
        str(settings.data),
        "--out",
        str(settings.models),
    ]
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
    from bot.freshness import model_sources, note_training, sources_hash, why_train

    settings = load_settings()
    reason = "you asked for it" if force else why_train(settings)
    if reason is None:
        click.echo("The model is up to date.")
        return
    click.echo(f"Training the model, because {reason} ...")
    begun = time.monotonic()
    sources = sources_hash(model_sources(settings.data), PROJECT)
    train_model(settings)
    note_training(settings, sources)
    click.echo(f"Training the model: {time.monotonic() - begun:.0f} s")
