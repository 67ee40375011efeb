"""``skmist rank``: the columns of a file by their information about one of them."""

from __future__ import annotations

__all__ = ["add"]

from skmist.cli import options
from skmist.cli.as_options import remarks_as_options
from skmist.cli.outputs import check_outputs, draw_asked, write_answer
from skmist.cli.printable import decoded
from skmist.cli.reading import read_asked
from skmist.cli.text import ranking_answer


def add(commands):
    """Add the command."""
    text = "rank the columns of a file by their information about one of them"
    parser = options.add_command(commands, "rank", text, _run)
    parser.add_argument(
        "--target", type=decoded, required=True, metavar="COL", help="the column in question"
    )
    options.add_data(parser)
    options.add_columns(parser, "rank these columns only")
    options.add_plot(parser, "draw the ranking (png, pdf or svg)")
    options.add_tests(parser, "column")
    options.add_estimation(parser)
    options.add_missing(parser, choices=("drop", "category", "error"))
    options.add_table(parser, "columns")
    options.add_jobs(parser)
    options.add_format(parser)


def _run(arguments):
    check_outputs(arguments)
    df = read_asked(arguments)
    from skmist.frame.ranking import mi_with

    ranking = mi_with(
        df,
        arguments.target,
        columns=arguments.columns,
        estimator=arguments.estimator,
        level=arguments.level,
        units=arguments.units,
        missing=arguments.missing,
        strict=arguments.strict,
        max_estimates=arguments.max_estimates,
        max_rows=arguments.max_rows,
        p_values=arguments.p_values,
        n_jobs=arguments.n_jobs,
        progress=True,
        random_state=0,
    )
    write_answer(ranking_answer(remarks_as_options(ranking)), arguments)
    draw_asked("MutualInfoRankingDisplay", "from_frame", ranking, arguments)
