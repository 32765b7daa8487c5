"""For all tests: libraries keep to themselves, and nothing of the reader's own set-up leaks in."""

import os

import sanic  # noqa: F401 - on import it puts warning filters in front; early, so that pytest's come before

from bot.logs import QUIET_VARIABLES

for _name in [
    name for name in os.environ if name.startswith("SWITCHBACK_") or name in ("DATABASE_URL", "REDIS_URL")
]:
    del os.environ[_name]
os.environ.update(QUIET_VARIABLES)
