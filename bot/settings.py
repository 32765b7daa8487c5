"""Where things are and how they are reached, read once from the environment.

Every setting has a default that works on one laptop; a programme that outgrows it sets
environment variables and changes no code. README.md lists them; a test holds it to that.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
"""The checkout: the folder that holds `config.yml`."""


@dataclass(frozen=True)
class Settings:
    """All that can be set from outside.

    Attributes:
        home: Folder of everything that people make: database, tracker store, logs. `SWITCHBACK_HOME`.
        data: Folder of the content. `SWITCHBACK_DATA`.
        models: Folder of trained models and of the encoder. `SWITCHBACK_MODELS`.
        database_url: SQLAlchemy URL of the records. `DATABASE_URL`.
        redis_url: Redis for Rasa's lock store when several workers run, or None. `REDIS_URL`.
        host: Address that the web app listens on. `SWITCHBACK_HOST`.
        port: Its port. `SWITCHBACK_PORT`.
        rasa_port: Port of the Rasa server, always on the loopback. `SWITCHBACK_RASA_PORT`.
        actions_port: Port of the action server, always on the loopback. `SWITCHBACK_ACTIONS_PORT`.
    """

    home: Path
    data: Path
    models: Path
    database_url: str
    redis_url: str | None
    host: str
    port: int
    rasa_port: int
    actions_port: int

    @property
    def rasa_url(self) -> str:
        """Return the address at which the web app reaches Rasa."""
        return f"http://127.0.0.1:{self.rasa_port}"

    @property
    def actions_url(self) -> str:
        """Return the address at which Rasa reaches the action server."""
        return f"http://127.0.0.1:{self.actions_port}"

    @property
    def encoder(self) -> Path:
        """Return the folder of the sentence encoder's ONNX file and tokenizer."""
        return self.models / "encoder"


def load_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings from the environment.

    Args:
        environ: Variables to read instead of the process's own, for tests.

    Raises:
        ValueError: A port is not a whole number from 1 to 65535; the message names the variable.
    """
    env = os.environ if environ is None else environ

    def port(name: str, default: int) -> int:
        value = env.get(name, str(default))
        if not value.isdigit() or not 1 <= int(value) <= 65535:
            raise ValueError(f"{name} is {value!r}; it must be a port number from 1 to 65535")
        return int(value)

    home = Path(env.get("SWITCHBACK_HOME", str(PROJECT / "var"))).resolve()
    return Settings(
        home=home,
        data=Path(env.get("SWITCHBACK_DATA", str(PROJECT / "data"))).resolve(),
        models=Path(env.get("SWITCHBACK_MODELS", str(PROJECT / "models"))).resolve(),
        database_url=env.get("DATABASE_URL", f"sqlite:///{home / 'switchback.db'}"),
        redis_url=env.get("REDIS_URL") or None,
        host=env.get("SWITCHBACK_HOST", "127.0.0.1"),
        port=port("SWITCHBACK_PORT", 8000),
        rasa_port=port("SWITCHBACK_RASA_PORT", 5005),
        actions_port=port("SWITCHBACK_ACTIONS_PORT", 5055),
    )
