"""``skmist matrix``: the information of all pairs of columns."""

from __future__ import annotations

__all__ = ["add"]

from skmist.cli import options
from skmist.cli.as_options import remarks_as_options
from skmist.cli.outputs import check_outputs, draw_asked, write_answer
from skmist.cli.reading import check_name, read_data
from skmist.cli.text import pairs_answer


def add(commands):
    """Add the command."""
    text = "mutual information of all pairs of columns of a file"
    parser = options.add_command(commands, "matrix", text, _run)
    options.add_data(parser)
    options.add_columns(parser, "take these columns only")
    options.add_plot(parser, "draw the heat map (png, pdf or svg)")
    parser.add_argument(
        "--normalize",
        choices=("linfoot", "entropy"),
        help="add a value between 0 and 1, and draw it: sqrt(1 - exp(-2 MI)), or the share of the "
        "smaller entropy (default: neither)",
    )
    options.add_tests(parser, "pair")
    options.add_estimation(parser)
    options.add_missing(parser, choices=("drop", "category", "error"))
    options.add_table(parser, "pairs")
    options.add_jobs(parser)
    options.add_format(parser)


def _run(arguments):
    check_outputs(arguments)
    df = read_data(arguments).frame
    for name in arguments.columns or ():
        check_name(df, name, "--columns")
    from skmist.frame.matrix import mi_matrix

    pairs = mi_matrix(
        df,
        columns=arguments.columns,
        estimator=arguments.estimator,
        level=arguments.level,
        units=arguments.units,
        missing=arguments.missing,
        strict=arguments.strict,
        max_estimates=arguments.max_estimates,
        max_rows=arguments.max_rows,
        normalize=arguments.normalize,
        p_values=arguments.p_values,
        form="long",
        n_jobs=arguments.n_jobs,
        progress=True,
        random_state=0,
    )
    write_answer(pairs_answer(remarks_as_options(pairs)), arguments)
    draw_asked("MutualInfoMatrixDisplay", "from_frame", pairs, arguments)
