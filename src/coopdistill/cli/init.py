"""``coopdistill init``."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from coopdistill.exceptions import InputError, StudyError

if TYPE_CHECKING:
    from coopdistill.cli.studies.study import Study

__all__ = ["init"]


def _delimiter(_: click.Context, __: click.Parameter, given: str | None) -> str | None:
    """A tab can hardly be typed; people write it as programs do."""
    from coopdistill.schema.reading import checked_delimiter

    return None if given is None else _accepted(checked_delimiter, "\t" if given == r"\t" else given)


def _encoding(_: click.Context, __: click.Parameter, given: str | None) -> str | None:
    from coopdistill.schema.reading import checked_encoding

    if given is not None:
        _accepted(checked_encoding, given)
    return given


def _accepted(check: Callable[[str], str], given: str) -> str:
    try:
        return check(given)
    except InputError as error:
        raise click.BadParameter(str(error)) from error


@click.command(
    epilog="""\b
Examples:
  coopdistill init                         asks, about the tables in this folder
  coopdistill init north.csv south.csv --test all.csv --target outcome
  coopdistill init data --learner mlp --learner "south=random-forest" --yes
"""
)
@click.argument("files", nargs=-1, type=click.Path(path_type=Path), metavar="[FILE|FOLDER]...")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default="study.toml",
    show_default=True,
    metavar="STUDY.toml",
    help="The study to be written.",
)
@click.option("--name", metavar="NAME", help="What the study is called.  [default: as its folder]")
@click.option("--target", metavar="COLUMN", help="What the models predict.  [default: the likeliest column]")
@click.option(
    "--test",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Rows on which all models are scored.  [default: the file that is named for it]",
)
@click.option("--no-test", is_flag=True, help="No file is for testing.")
@click.option("--drop", multiple=True, metavar="COLUMN", help="Leave this column out; may be repeated.")
@click.option("--keep-all", is_flag=True, help="Leave no column out, identifiers neither.")
@click.option(
    "--learner",
    "learners",
    multiple=True,
    metavar="[NAME=]LEARNER",
    help="The learner of all participants, or of one; may be repeated.",
)
@click.option(
    "--delimiter",
    callback=_delimiter,
    metavar="SIGN",
    help=r"What stands between two values: one character, or \t for a tab.  [default: found out]",
)
@click.option(
    "--encoding", callback=_encoding, metavar="NAME", help="Of text files, such as cp1252.  [default: found out]"
)
@click.option("--force", is_flag=True, help="Write over an earlier study; over nothing else.")
@click.option("--yes", is_flag=True, help="Ask nothing: take what was found out.")
def init(
    files: tuple[Path, ...],
    out: Path,
    name: str | None,
    target: str | None,
    test: Path | None,
    no_test: bool,
    drop: tuple[str, ...],
    keep_all: bool,
    learners: tuple[str, ...],
    delimiter: str | None,
    encoding: str | None,
    force: bool,
    yes: bool,
) -> None:
    """Write a study for your own CSV or Parquet files.

    Each file is a participant. What its columns hold, which of them the models predict and which are mere identifiers
    is found out, said, and in a terminal asked about. The study is a text with comments, yours to change.
    """
    from coopdistill.cli.proposal.file_survey import survey_file
    from coopdistill.cli.proposal.init_choices import Choices
    from coopdistill.cli.proposal.study_text import study_text
    from coopdistill.exceptions import OptionError

    if (no_test and test) or (keep_all and drop):
        raise OptionError("--no-test and --test, and --keep-all and --drop, contradict each other; give one of them")
    paths = _paths(files, test)
    _check_free(out, paths, force=force)
    surveys = [survey_file(path, delimiter=delimiter, encoding=encoding) for path in paths]
    choices = Choices(
        name=name or out.resolve().parent.name or out.stem,
        target=target,
        test=test,
        no_test=no_test,
        dropped=() if keep_all else (drop or None),
        learners=learners,
        asks=not yes and sys.stdin.isatty() and sys.stderr.isatty(),
    )
    plan = choices.plan(surveys)
    text = study_text(plan, out)
    _write(out, text)
    _tell(out, text)


def _check_free(out: Path, inputs: list[Path], *, force: bool) -> None:
    """Refuse a place that cannot be written, or holds what is no study and may be all that there is of it."""
    from coopdistill.cli.studies.study import looks_like_a_study
    from coopdistill.exceptions import OutputError

    if out.is_dir():
        raise OutputError(f"{str(out)!r} is a folder; name the study to be written: --out {str(out / 'study.toml')!r}")
    if out.exists() and any(path.exists() and path.samefile(out) for path in inputs):
        raise OutputError(f"{str(out)!r} is one of the files that the study is for; choose another --out")
    if out.exists() and not looks_like_a_study(out):
        raise OutputError(
            f"{str(out)!r} is there already and is no study, so it is not written over; choose another --out, or "
            "remove it yourself"
        )
    if out.exists() and not force:
        raise OutputError(f"{str(out)!r} is there already; choose another --out, or write over it with --force")
    if not out.parent.is_dir():
        raise OutputError(f"there is no folder {str(out.parent)!r} to write {out.name!r} to; make it, or change --out")


def _write(out: Path, text: str) -> None:
    from coopdistill.atomic_file import write_atomically
    from coopdistill.exceptions import OutputError

    try:
        write_atomically(out, lambda path: path.write_text(text, encoding="utf-8"))
    except OSError as error:
        raise OutputError(
            f"{str(out)!r} cannot be written: {error.strerror or error}; choose another place: --out"
        ) from error


def _paths(files: tuple[Path, ...], test: Path | None) -> list[Path]:
    """All files that were named, the test file too."""
    paths = dict.fromkeys(path for given in files or (Path(),) for path in _tables(given))
    if test is not None and test.resolve() not in {path.resolve() for path in paths}:
        paths[test] = None
    return list(paths)


def _tables(given: Path) -> list[Path]:
    """A file itself, or the tables in a folder."""
    from coopdistill.schema.reading import TABLE_SUFFIXES

    if not given.is_dir():
        return [given]
    tables = sorted(path for path in given.iterdir() if path.suffix.lower() in TABLE_SUFFIXES and path.is_file())
    if not tables:
        raise StudyError(
            f"the folder {str(given.resolve())!r} holds no table ({', '.join(TABLE_SUFFIXES)}); name the participants' "
            "files: coopdistill init FILE FILE …"
        )
    return tables


def _tell(out: Path, text: str) -> None:
    """Say what comes next; what the study says of the files may still be of no use."""
    from coopdistill.cli.studies.study import parse_study

    click.echo(f"Wrote {out}.")
    try:
        _try(parse_study(out, text))
    except InputError as error:
        raise StudyError(f"the study was written, and must be mended before it runs: {error}") from error
    click.echo(f"Next: coopdistill check {_quoted(out)}")


def _try(study: Study) -> None:
    from coopdistill.cli.forecast.outlook import look_ahead
    from coopdistill.cli.studies.study_job import job_of

    try:
        look_ahead(job_of(study))
    except InputError as error:
        raise study.placed(error) from error


def _quoted(path: Path) -> str:
    import shlex

    return shlex.quote(str(path))
