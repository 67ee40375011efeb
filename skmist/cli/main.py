"""The command line, ``skmist COMMAND``.

A mistake of the user ends with exit code 2 and one line on stderr, never with a traceback.
"""

from __future__ import annotations

__all__ = ["build_parser", "main"]

import argparse
import difflib
import re
import sys
import warnings
from collections.abc import Iterable, Sequence

import skmist
from skmist._errors import SkmistError, SkmistWarning
from skmist.cli.commands import COMMANDS
from skmist.cli.errors import UsageError
from skmist.cli.printable import printable
from skmist.cli.writing import flush_output, give_up_output, say, write_text

_LONGEST = 1_000


class _Parser(argparse.ArgumentParser):
    _given: Sequence[str] = ()

    def parse_known_args(self, args=None, namespace=None):
        """Keep what was given: where an option is missing, it may be there, mistyped."""
        self._given = sys.argv[1:] if args is None else list(args)
        if any("\0" in word for word in self._given):
            self.error("an argument holds a zero byte, which no file or column name does")
        return super().parse_known_args(args, namespace)

    def error(self, message):
        meant = _meant(message, self._option_string_actions, self._given)
        self.exit(2, f"{self.prog}: error: {_line(message)}{meant} (see {self.prog} --help)\n")

    def print_help(self, file=None):
        """Print what argparse would drop in silence where there is no room for it."""
        if file is None:
            self.show(self.format_help())
        else:
            super().print_help(file)

    def show(self, text):
        """Print to standard output, or say why not, and end."""
        try:
            write_text(text, None)
        except UsageError as error:
            self.exit(2, f"{self.prog}: error: {error}\n")

    def exit(self, status=0, message=None):
        """End, told in characters that no terminal obeys; what was printed may not fit a disk."""
        try:
            flush_output()
        except UsageError as error:
            status, message = 2, f"{self.prog}: error: {error}\n"
        super().exit(status, message)


class _Version(argparse.Action):
    """Looks the version up when it is asked for, which takes as long as all else here."""

    def __call__(self, parser, namespace, values, option_string=None):
        parser.show(f"skmist {skmist.__version__}\n")
        parser.exit()


def main(argv=None) -> int:
    """Run the command line.

    Parameters
    ----------
    argv : list of str or None, default=None
        Arguments after the program's name; None takes those of the process.

    Returns
    -------
    code : int
        0 for success, 2 for a mistake of the user, 130 after Ctrl-C.
    """
    try:
        return _main(sys.argv[1:] if argv is None else argv)
    except BrokenPipeError:
        # the reader (such as head) has enough
        give_up_output()
        return 0


def _main(argv: Sequence[str]) -> int:
    parser = build_parser()
    arguments, unknown = parser.parse_known_args(argv)
    if arguments.command is None:
        if unknown:
            parser.error(f"unrecognized arguments: {' '.join(unknown)}")
        parser.print_help()
        parser.exit()
    if unknown:
        # told by the command, which knows its own options
        arguments.parser.error(f"unrecognized arguments: {' '.join(unknown)}")
    arguments.argv = argv
    try:
        with warnings.catch_warnings():
            # the table's footnotes and the warnings field say the same
            warnings.simplefilter("ignore", SkmistWarning)
            arguments.run(arguments)
        flush_output()
    except (SkmistError, UsageError) as error:
        say(f"skmist {arguments.command}: error: {_line(str(error))}\n")
        return 2
    except BrokenPipeError:
        raise
    except OSError as error:
        # a disk or a right that no command asked for before it began
        where = f" {error.filename!r}" if error.filename else ""
        reason = error.strerror or str(error)
        say(f"skmist {arguments.command}: error: {_line(f'cannot use{where}: {reason}.')}\n")
        return 2
    except KeyboardInterrupt:
        say("\n")
        return 130
    return 0


def _meant(message: str, options: Iterable[str], given: Sequence[str]) -> str:
    """What may have been meant by a word that is none of those that can be."""
    found = re.match(r".*invalid choice: '(.*)' \(choose from (.*)\)", message)
    if found:
        choices = [word.strip(" '") for word in found[2].split(",")]
        close = difflib.get_close_matches(found[1], choices, n=1)
    else:
        found = re.match("unrecognized arguments: (--[a-z-]+)", message)
        close = difflib.get_close_matches(found[1], options, n=1) if found else []
    if message.startswith("the following arguments are required"):
        return _mistyped(options, given)
    return f"; did you mean {close[0]!r}?" if close else ""


def _mistyped(options: Iterable[str], given: Sequence[str]) -> str:
    """A word that was given in place of an option."""
    for word in (one.partition("=")[0] for one in given if one.startswith("--")):
        close = difflib.get_close_matches(word, options, n=1)
        if close and close[0] != word:
            return f"; did you mean {close[0]!r} by {word!r}?"
    return ""


def _line(message: str) -> str:
    """A message as one line that a terminal shows and does not obey, however long a name is."""
    line = printable(" ".join(message.split()))
    if len(line) <= _LONGEST:
        return line
    return f"{line[: _LONGEST // 2]} ... {line[-_LONGEST // 2 :]}"


def build_parser() -> argparse.ArgumentParser:
    """Build the parser of all commands.

    Returns
    -------
    parser : argparse.ArgumentParser
    """
    parser = _Parser(
        prog="skmist",
        allow_abbrev=False,
        description="Mutual information between columns of a table, with an interval.",
        epilog="Begin with `skmist demo`, or with `skmist report DATA --target COL` on a file of "
        "yours. `skmist COMMAND --help` says more of each.",
    )
    text = "show program's version number and exit"
    parser.add_argument("--version", action=_Version, nargs=0, help=text)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    for command in COMMANDS:
        command.add(commands)
    return parser
