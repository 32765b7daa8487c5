"""`switchback preview`: talk to a draft in the browser, without training."""

from __future__ import annotations

import click

from bot.logs import quiet
from bot.settings import load_settings

LOOPBACK = "127.0.0.1"


@click.command()
@click.argument("name")
@click.option(
    "--port", default=8010, show_default=True, type=click.IntRange(1, 65535), help="Port of the page."
)
def preview(name: str, port: int) -> None:
    """Open a page on which you talk to the draft data/scenarios/NAME.yml, until Ctrl-C.

    Replies are read by the newest trained model, which is only read, never changed. The draft itself needs no
    training: save the file and go on talking. Nothing you type is kept. Only this computer can open the page.
    """
    quiet()
    settings = load_settings()
    path = settings.data / "scenarios" / f"{name}.yml"
    if not path.is_file():
        known = ", ".join(sorted(found.stem for found in path.parent.glob("*.yml")))
        raise click.BadParameter(
            f'there is no {name!r}; there are: {known}. "switchback new-scenario {name}" begins one',
            param_hint="NAME",
        )
    import uvicorn

    from bot.authoring.draft import Draft
    from bot.authoring.rehearsal import Theater
    from bot.nlu.archive import ModelMissing
    from bot.nlu.prepared_reader import load_prepared_reader
    from bot.peer.shape import load_vocabulary
    from bot.web.preview import create_preview

    try:
        theater = Theater(settings.data, load_prepared_reader(None, settings))
    except ModelMissing as error:
        raise click.ClickException(str(error)) from error
    app = create_preview(Draft(path, load_vocabulary(settings.data)), theater)
    click.echo(f"Preview of {name}: http://{LOOPBACK}:{port}  (Ctrl-C stops it)")
    uvicorn.run(app, host=LOOPBACK, port=port, log_level="warning", ws="none")
