"""Ties a child process to its supervisor: when the supervisor dies, however it dies, so does the child.

Run as a program, by path and without site packages, so that it costs next to nothing:
`python -I -S bot/tether.py SUPERVISOR_PID COMMAND...`. On Linux the kernel is asked to deliver the signal
(`prctl(2)`, PR_SET_PDEATHSIG) and this program then becomes the command. Elsewhere it stays, starts the
command, and looks once a second whether the supervisor is still its parent.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys

_PR_SET_PDEATHSIG = 1
_LOOK_EVERY = 1.0
_GRACE = 10.0


def main(argv: list[str]) -> int:
    """Run a command that ends with its supervisor.

    Args:
        argv: The supervisor's process id, then the command.

    Returns:
        The command's exit code, where this program stays; on Linux it does not return.
    """
    supervisor, command = int(argv[0]), argv[1:]
    if sys.platform.startswith("linux"):
        become(supervisor, command)
    return watch(supervisor, command)


def become(supervisor: int, command: list[str]) -> None:
    """Ask the kernel for SIGTERM at the supervisor's death, then become the command."""
    import ctypes

    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"prctl: {os.strerror(number)}")
    # It may have died before we asked; then nobody would ever tell us.
    if os.getppid() != supervisor:
        sys.exit(1)
    os.execvp(command[0], command)


def watch(supervisor: int, command: list[str]) -> int:
    """Start the command and stop it when the supervisor is gone.

    Returns:
        The command's exit code; 128 plus the signal's number if a signal ended it, as in a shell.
    """
    # A stop is asked of the whole process group; the command hears it too, and is waited for here.
    signal.signal(signal.SIGTERM, lambda *_: None)
    signal.signal(signal.SIGINT, lambda *_: None)
    child = subprocess.Popen(command)
    while True:
        try:
            code = child.wait(_LOOK_EVERY)
        except subprocess.TimeoutExpired:
            if os.getppid() != supervisor:
                _stop(child)
        else:
            return code if code >= 0 else 128 - code


def _stop(child: subprocess.Popen[bytes]) -> None:
    child.terminate()
    try:
        child.wait(_GRACE)
    except subprocess.TimeoutExpired:
        child.kill()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
