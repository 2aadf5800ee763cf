"""A command in a pseudo-terminal, and somebody who types."""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
import sys
import time
from pathlib import Path


class Terminal:
    """Runs the command line as if somebody sat in front of it."""

    def __init__(self, *arguments: object, folder: Path, **variables: str) -> None:
        self._ours, theirs = pty.openpty()
        environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "120", **variables}
        for name in ("NO_COLOR", "FORCE_COLOR", "CI"):
            if name not in variables:
                environment.pop(name, None)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "coopdistill.cli", *map(str, arguments)],
            cwd=folder,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env=environment,
            preexec_fn=_controlled_by_stdin,  # so that Ctrl-C is a signal
        )
        os.close(theirs)
        self.shown = ""

    def wait_for(self, text: str, *, within: float = 90.0) -> None:
        """Read until something is shown that was not before."""
        until = time.monotonic() + within
        seen = len(self.shown)
        while text not in self.shown[seen:]:
            assert time.monotonic() < until, f"{text!r} was not shown; shown was {self.shown!r}"
            assert self._read() or text in self.shown[seen:], f"it ended without {text!r}: {self.shown!r}"

    def type(self, text: str) -> None:
        os.write(self._ours, text.encode())

    def interrupt(self, *, within: float = 30.0) -> None:
        """Type Ctrl-C until it ends: one that comes just before a line is read is noticed with the next key only."""
        until = time.monotonic() + within
        while self._process.poll() is None and time.monotonic() < until:
            self.type("\x03")
            patience = time.monotonic() + 2.0
            while time.monotonic() < patience and self._read():
                pass

    def end(self, *, within: float = 90.0) -> int:
        """Read to the end, and return the exit status."""
        until = time.monotonic() + within
        while self._read():
            if time.monotonic() > until:
                self._process.send_signal(signal.SIGKILL)
        os.close(self._ours)
        return self._process.wait(timeout=10)

    def _read(self) -> bool:
        """Read what there is; False once nothing will come."""
        if not select.select([self._ours], [], [], 0.2)[0]:
            return self._process.poll() is None
        try:
            self.shown += os.read(self._ours, 65536).decode(errors="replace")
        except OSError:  # as Linux says that the other end was closed
            return False
        return True


def _controlled_by_stdin() -> None:
    import fcntl
    import termios

    os.setsid()
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
