"""Rasa's endpoints for the settings at hand: `endpoints.yml`, or a copy of it that fits them.

Written as a file because Rasa reads one; the copy lies beside the other things of this installation
and is made anew at every start.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from sqlalchemy.engine import make_url

from bot.settings import PROJECT, Settings


def rasa_endpoints(settings: Settings, project: Path = PROJECT) -> Path:
    """Return the endpoints file for these settings.

    SQLite keeps Rasa's events in a file of their own beside the records, so that neither waits for the
    other's writes; PostgreSQL keeps both in one database.

    Args:
        settings: Ports, folders and databases.
        project: The checkout.
    """
    yaml = YAML()
    content = yaml.load((project / "endpoints.yml").read_text(encoding="utf-8"))
    content["action_endpoint"]["url"] = f"{settings.actions_url}/webhook"
    content["tracker_store"] = {"type": content["tracker_store"]["type"], **_tracker_database(settings)}
    if settings.redis_url:
        content["lock_store"] = _lock_store(settings.redis_url)
    copy = settings.home / "endpoints.yml"
    copy.parent.mkdir(parents=True, exist_ok=True)
    with copy.open("w", encoding="utf-8") as file:
        yaml.dump(content, file)
    copy.chmod(0o600)  # it may hold the database's password
    return copy


def _tracker_database(settings: Settings) -> dict[str, Any]:
    """Return where Rasa keeps its events."""
    url = make_url(settings.database_url)
    if url.get_backend_name() == "sqlite":
        return {"dialect": "sqlite", "db": str(settings.home / "rasa.db")}
    where: dict[str, Any] = {
        "dialect": url.drivername,
        "host": url.host,
        "port": url.port,
        "db": url.database,
        "username": url.username,
        "password": str(url.password) if url.password is not None else None,
        "query": dict(url.query) or None,
    }
    return {name: value for name, value in where.items() if value is not None}


def _lock_store(redis_url: str) -> dict[str, Any]:
    """Return Rasa's form of a Redis address like `redis://:password@host:6379/0`."""
    url = make_url(redis_url)
    where: dict[str, Any] = {
        "type": "redis",
        "url": url.host or "127.0.0.1",
        "port": url.port or 6379,
        "db": int(url.database or 0),
        "password": str(url.password) if url.password is not None else None,
        "username": url.username or None,
        "use_ssl": redis_url.startswith("rediss:"),
        "key_prefix": "switchback",
    }
    return {name: value for name, value in where.items() if value is not None}
