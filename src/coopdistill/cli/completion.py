"""``coopdistill completion``."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

__all__ = ["completion"]


@click.command(
    epilog="""\b
Installation, once:
  bash  coopdistill completion bash >> ~/.bashrc
  zsh   coopdistill completion zsh >> ~/.zshrc
  fish  coopdistill completion fish > ~/.config/fish/completions/coopdistill.fish
"""
)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print the script by which a shell completes commands and options."""
    kind = get_completion_class(shell)
    if kind is None:  # the choices are click's own
        raise click.UsageError(f"click completes no {shell}")
    click.echo(kind(context.find_root().command, {}, "coopdistill", "_COOPDISTILL_COMPLETE").source())
