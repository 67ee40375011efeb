"""``skmist completion``: a script by which a shell completes commands and options."""

from __future__ import annotations

__all__ = ["add"]

from skmist.cli import options
from skmist.cli.completions import SHELLS, script
from skmist.cli.writing import write_text


def add(commands):
    """Add the command."""
    text = "print the script by which a shell completes commands and options"
    parser = options.add_command(commands, "completion", text, _run)
    text = "shell; load with: source <(skmist completion bash), or skmist completion fish | source"
    parser.add_argument("shell", choices=SHELLS, help=text)
    # which all commands are known to when one of them runs
    parser.set_defaults(commands=commands.choices)


def _run(arguments):
    write_text(script(arguments.shell, arguments.commands), None)
