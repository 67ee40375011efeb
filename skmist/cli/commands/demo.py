"""``skmist demo``: ranking and report of two real data sets."""

from __future__ import annotations

__all__ = ["add"]

from pathlib import Path

from skmist.cli import options
from skmist.cli.demo_data import DEMOS
from skmist.cli.text import format_ranking
from skmist.cli.writing import check_plotting, draw, make_folder, write_text


def add(commands):
    """Add the command."""
    text = (
        "rank the columns of two real data sets that scikit-learn ships, and write their reports"
    )
    parser = options.add_command(commands, "demo", text, _run)
    parser.add_argument(
        "--output-dir",
        type=Path,
        default=Path("skmist-demo"),
        metavar="DIR",
        help="where pictures, reports and CSV files go, made if need be (default: %(default)s)",
    )
    options.add_estimation(parser)


def _run(arguments):
    check_plotting()
    make_folder(arguments.output_dir)
    for demo in DEMOS:
        _show(demo, arguments)
    write_text(
        "0 means that the two are independent; 1 nat = 1.443 bits. Each column is judged alone:\n"
        "two columns that say the same both rank high.\n",
        None,
    )


def _show(demo, arguments):
    from skmist._report import Source, make_report
    from skmist.frame.ranking import mi_with
    from skmist.plotting import MutualInfoRankingDisplay

    df = demo.load()
    data = arguments.output_dir / f"{demo.name}.csv"
    picture = data.with_suffix(".png")
    df.to_csv(data, index=False)
    how = {name: getattr(arguments, name) for name in ("estimator", "level", "units")}
    ranking = mi_with(df, demo.target, **how, progress=True)
    draw(MutualInfoRankingDisplay.from_frame, ranking, picture)
    changed = [
        f"--{name} {getattr(arguments, name)}"
        for name, default in (("estimator", "mist"), ("level", 0.9), ("units", "nats"))
        if getattr(arguments, name) != default
    ]
    command = " ".join(["skmist rank", str(data), "--target", demo.target, *changed])
    table = format_ranking(ranking, "table")
    write_text(f"{demo.title}\n$ {command}\n\n{table}\npicture: {picture}\n", None)
    page = data.with_suffix(".html")
    source = Source(data.name, command.replace("skmist rank", "skmist report"))
    report = make_report(df, demo.target, title=demo.title, source=source, **how, progress=True)
    write_text(report.page, page)
    write_text(f"report: {page} (open it in a browser)\n\n\n", None)
