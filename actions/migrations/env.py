"""What Alembic runs. `actions.records.upgrade` gives it a connection; typed by hand it uses DATABASE_URL."""

from __future__ import annotations

from alembic import context
from sqlalchemy.engine import Connection

from actions.records.store import create_engine, write_options
from actions.tables import metadata
from bot.settings import load_settings


def migrate(connection: Connection) -> None:
    """Run the migrations in the transaction of the connection."""
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    migrate(given)
elif context.is_offline_mode():
    raise SystemExit("Migrations need the database: they check it before they change it. Leave --sql away.")
else:
    engine = create_engine(load_settings().database_url, is_migrating=True)
    with engine.connect() as opened:
        writer = opened.execution_options(**write_options())
        with writer.begin():
            migrate(writer)
