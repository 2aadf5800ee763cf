"""The command `coopdistill`."""

from __future__ import annotations

import sys
from typing import Any

import click

from coopdistill.cli.check import check
from coopdistill.cli.completion import completion
from coopdistill.cli.demo import demo
from coopdistill.cli.init import init
from coopdistill.cli.report import report
from coopdistill.cli.reproduce import reproduce
from coopdistill.cli.run import run
from coopdistill.cli.streams import end_of_streams, make_lenient
from coopdistill.exceptions import CoopdistillError, InputError

__all__ = ["main"]

FAILED = 1
BAD_INPUT = 2
INTERRUPTED = 130


class _Failure(click.ClickException):
    exit_code = FAILED


class _Refusal(click.ClickException):
    exit_code = BAD_INPUT


class _Interruption(click.ClickException):
    exit_code = INTERRUPTED

    def show(self, file: Any = None) -> None:
        click.echo(self.message, err=True, file=file)


class _Commands(click.Group):
    """Turns our errors into one message and an exit status."""

    def main(self, *args: Any, **extra: Any) -> Any:
        make_lenient()  # before anything is said, be it help
        try:
            return super().main(*args, **extra)
        except OSError as error:
            if not end_of_streams(error):
                raise
            sys.exit(FAILED)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except InputError as error:
            raise _Refusal(str(error)) from error
        except CoopdistillError as error:
            raise _Failure(str(error)) from error
        except MemoryError as error:
            raise _Failure("there is not enough memory for this; give fewer rows at a time") from error
        except click.Abort as error:
            raise _Interruption("\nInterrupted; nothing was written.") from error
        except KeyboardInterrupt as error:
            raise _Interruption(str(error) or "Interrupted.") from error


@click.group(
    cls=_Commands,
    epilog="""\b
Begin with:
  coopdistill demo                         three clinics, on data that comes along
  coopdistill init                         a study for your own files, asked about
  coopdistill check study.toml             what it would do
  coopdistill run study.toml
""",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(package_name="coopdistill", message="%(prog)s %(version)s")
def main() -> None:
    """Let trained models teach each other, while the rows stay at home.

    Exit status: 0 done, 1 a run that failed, 2 input that cannot be used, 130 interrupted.
    """


for command in (demo, init, check, run, report, reproduce, completion):
    main.add_command(command)
