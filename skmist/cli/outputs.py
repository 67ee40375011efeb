"""Where an answer goes and in which form: asked before the work starts, done when it is done."""

from __future__ import annotations

__all__ = ["check_outputs", "draw_asked", "write_answer"]

from skmist.cli.errors import UsageError
from skmist.cli.files.typed import check_package
from skmist.cli.printable import decoded
from skmist.cli.reading import file_of
from skmist.cli.text import STYLES, written
from skmist.cli.text.answer import Answer
from skmist.cli.writing import check_folders, check_plotting, draw, say, write_text

_SUFFIXES = {"": "table", ".txt": "table", ".htm": "html"} | {f".{s}": s for s in STYLES[1:]}


def check_outputs(arguments) -> None:
    """Refuse what could not be written: places, endings, packages that are not there."""
    plot = getattr(arguments, "plot", None)
    check_folders(arguments.output, plot, data=file_of(arguments.data))
    if plot is not None:
        check_plotting()
    if _style(arguments) == "xlsx":
        if arguments.output is None:
            raise UsageError("a workbook cannot be printed; name its file with --output.")
        check_package(".xlsx", "writing .xlsx")


def _style(arguments) -> str:
    """The format that was asked for, or else the one of the file's ending."""
    if arguments.format is not None:
        return arguments.format
    suffix = "" if arguments.output is None else arguments.output.suffix.lower()
    # a device or a pipe has no ending to speak of
    if suffix not in _SUFFIXES and (arguments.output.is_file() or not arguments.output.exists()):
        raise UsageError(
            f"--output is {str(arguments.output)!r}, whose ending says no format; end it with one "
            f"of .{', .'.join((*STYLES[1:], 'txt'))}, or name one with --format."
        )
    return _SUFFIXES.get(suffix, "table")


def write_answer(answer: Answer, arguments) -> None:
    """Write an answer where and as it was asked for."""
    content = written(answer, _style(arguments), safe=arguments.safe_csv)
    write_text(content, arguments.output)


def draw_asked(display: str, make: str, result, arguments) -> None:
    """Draw a result if that was asked for.

    Parameters
    ----------
    display, make : str
        Name of a display of skmist.plotting, and of what makes one of a result.
    result : object
    arguments : argparse.Namespace
    """
    if arguments.plot is None:
        return
    from skmist import plotting

    draw(getattr(getattr(plotting, display), make), result, arguments.plot)
    say(f"picture: {decoded(str(arguments.plot))}\n")
