"""Rows of a data set on disk, drawn at random while it is read, so that it need not fit memory."""

from __future__ import annotations

__all__ = ["drawn_rows", "unbuffered"]

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from skmist._parameters import is_integer
from skmist._progress import progress_bar
from skmist._sample.table import column_positions

_ROWS = 40_000
_BATCH = 65_536


def drawn_rows(
    df: Any, max_rows: Any, labels: Iterable | None = None, progress: bool = False
) -> tuple[Any, tuple[str, ...]]:
    """Draw rows of a pyarrow data set; any other table stays as it is.

    Parameters
    ----------
    df : pyarrow.dataset.Dataset or table
    max_rows : int, "auto" or None
        How many rows: "auto" is 40,000, None all.
    labels : iterable of str or None, default=None
        Columns to read; None is all.
    progress : bool, default=False
        Show a progress bar when it takes more than a second.

    Returns
    -------
    df : pandas.DataFrame or table
        The same rows each time, in their order.
    notes : tuple of str
        What is to be said of it.

    Raises
    ------
    InvalidSampleError
        If a label is unknown.
    """
    if not (hasattr(df, "to_batches") and hasattr(df, "count_rows")):
        return df, ()
    names = df.schema.names
    if labels is not None:
        places = column_positions(df.schema.empty_table().to_pandas(), labels)
        names = [names[place] for place in dict.fromkeys(places)]
    n = df.count_rows()
    most = max_rows if is_integer(max_rows, 1) else n if max_rows is None else _ROWS
    if n <= most:
        return df.to_table(columns=names).to_pandas(), ()
    note = f"{most} of {n} rows of the data set were drawn at random: max_rows=None reads all"
    with progress_bar(progress, "row", n, doing="drawing") as bar:
        return _drawn(df, names, n, most, bar.update), (note,)


def _drawn(df: Any, names: list[str], n: int, most: int, advance: Callable[[int], Any]) -> Any:
    import pyarrow as pa

    chosen = np.sort(np.random.default_rng(0).choice(n, most, replace=False))
    # what is read ahead is held besides what was drawn
    ahead = {
        "batch_size": _BATCH,
        "batch_readahead": 2,
        "fragment_readahead": 1,
        **unbuffered(df),
    }
    parts, start = [], 0
    for batch in df.to_batches(columns=names, **ahead):
        stop = start + len(batch)
        first, last = np.searchsorted(chosen, [start, stop])
        if last > first:
            parts.append(batch.take(pa.array(chosen[first:last] - start)))
        start = stop
        advance(len(batch))
    return pa.Table.from_batches(parts).to_pandas()


def unbuffered(df: Any) -> dict[str, Any]:
    """What keeps a Parquet file, all of which is buffered otherwise, out of memory.

    Parameters
    ----------
    df : pyarrow.dataset.Dataset

    Returns
    -------
    dict
        Options of its ``to_batches``.
    """
    import pyarrow.dataset as ds

    if not isinstance(getattr(df, "format", None), ds.ParquetFileFormat):
        return {}
    return {"fragment_scan_options": ds.ParquetFragmentScanOptions(pre_buffer=False)}
