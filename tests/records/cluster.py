"""A private PostgreSQL for the tests: own folder, unix socket only, gone afterwards."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def binaries() -> Path | None:
    """Return the folder of the newest PostgreSQL server on this machine, or None."""
    debian = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]), reverse=True
    )
    found = [str(path) for path in debian] or [path for path in [shutil.which("initdb")] if path]
    return Path(found[0]).resolve().parent if found else None


@contextmanager
def running_cluster(bin_folder: Path) -> Iterator[str]:
    """Start a server and give the address of its database `postgres`."""
    folder = Path(tempfile.mkdtemp(prefix="sb-pg-"))
    owner = _unprivileged()
    if owner is not None:
        os.chown(folder, owner.pw_uid, owner.pw_gid)
    identity = {} if owner is None else {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}

    def run(tool: str, *arguments: str) -> None:
        with (folder / "log").open("ab") as log:
            done = subprocess.run(
                [bin_folder / tool, "-D", folder / "data", *arguments],
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                cwd=folder,
                env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "TZ": "America/Chicago"},
                **identity,
            )
        assert done.returncode == 0, (folder / "log").read_text()

    options = f"-k {folder} -c listen_addresses= -c fsync=off -c full_page_writes=off -c max_connections=40"
    try:
        run("initdb", "--username=switchback", "--auth=trust", "--encoding=UTF8", "--no-sync")
        run("pg_ctl", "start", "--wait", "--silent", "-o", options, "-l", str(folder / "server.log"))
        try:
            yield f"postgresql://switchback@/postgres?host={folder}"
        finally:
            run("pg_ctl", "stop", "--mode=immediate", "--wait", "--silent")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _unprivileged() -> pwd.struct_passwd | None:
    """Return whom to run the server as, which refuses to run as root; None for ourselves."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    return names.get("postgres") or names["nobody"]
