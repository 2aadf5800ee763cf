"""Commands called within the test's own process: what they refuse needs no process of its own."""

from __future__ import annotations

import inspect
import subprocess

from click.testing import CliRunner

from coopdistill.cli.main import main

# Before click 8.2 both streams came as one, unless they were asked for apart.
_APART = {"mix_stderr": False} if "mix_stderr" in inspect.signature(CliRunner).parameters else {}


def called(*arguments: object) -> subprocess.CompletedProcess[str]:
    """Call ``coopdistill`` with arguments; answer as a process that is done."""
    words = list(map(str, arguments))
    result = CliRunner(**_APART).invoke(main, words)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return subprocess.CompletedProcess(["coopdistill", *words], result.exit_code, result.stdout, result.stderr)
