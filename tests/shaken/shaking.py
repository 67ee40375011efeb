"""What is asked of every nasty frame, and what may come of it.

``python -m tests.shaken.shaking --frames 50000`` prints counts by entrance, and every failure.
"""

from __future__ import annotations

import argparse
import sys
import time
import traceback
import warnings
from collections import Counter

import numpy as np
import pandas as pd

import skmist
from skmist import GaussianCopulaEstimator, KSGEstimator, MISTRegressor, SkmistError
from skmist._sample.entropy import information_limit
from skmist._sample.sample import make_sample
from tests.shaken.nasty import nasty

CHEAP = {"ksg": KSGEstimator(), "gaussian_copula": GaussianCopulaEstimator()}
NET = MISTRegressor(device="cpu")
# The net takes ten times as long as the others: one of so many frames is asked with it.
NET_EVERY = 30
# A page takes ten times as long as the others, too: of so many frames one has one.
PAGE_EVERY = 23
# what our own words are about; of pandas only what it says of a conversion that we asked for
_OWN = (skmist.OutOfRangeWarning, skmist.RepeatedRowsWarning, skmist.DependentRowsWarning)
_OWN += (skmist.TableWarning, skmist.BoundWarning)
_TOLERANCE = 1e-5
_STRICT = {"all": "raise", "under": "ignore"}
# scikit-learn's own check adds up numbers at the ends of float64
_ERRORS = {"MutualInfoFeatureSelector": {}}


class Shaken(AssertionError):
    """Something that a frame must not bring about."""


def _check(holds, text):
    if not holds:
        raise Shaken(text)


def _mutual_info(case, estimator):
    found = skmist.mutual_info(case.x, case.y, estimator=estimator)
    _check(np.isfinite(found.mi), f"estimate {found!r}")
    if found.low is not None:
        _check(found.low <= found.mi + 1e-9 <= found.high + 2e-9, f"interval {found!r}")
        _check(found.low >= 0.0, f"estimate {found!r}")
    limit = information_limit(make_sample(case.x, case.y))
    _check(found.mi <= limit + 1e-6, f"{found.mi} nats, of at most {limit}")


def _fitted(case, estimator):
    if estimator == "mist":
        return
    fitted = CHEAP[estimator].fit(case.x, case.y)
    found = fitted.predict(case.x)
    _check(np.isfinite(found).all(), f"{estimator} predicts {found}")
    _check(abs(found.mean() - fitted.mi_) < 1e-6 * max(1.0, abs(fitted.mi_)), "mean of predict")
    _check(np.isfinite(fitted.score_samples(case.x, case.y)).all(), "score_samples")


def _table(case):
    if not isinstance(case.x, pd.DataFrame) or not isinstance(case.y, pd.DataFrame):
        return None
    both = pd.concat([case.x.reset_index(drop=True), case.y.reset_index(drop=True)], axis=1)
    return both.set_axis([*case.x.columns[:1], *range(1, both.shape[1])], axis=1)


def _ranking(case, estimator):
    table = _table(case)
    if table is not None:
        skmist.mi_with(table, table.columns[-1], estimator=estimator)


def _matrix(case, estimator):
    table = _table(case)
    if table is not None:
        found = skmist.mi_matrix(table, form="long", estimator=estimator)
        seen = found.dropna(subset=["mi", "low"])
        _check((seen["low"] <= seen["high"]).all(), "intervals of the matrix")


def _selection(case, estimator):
    if isinstance(case.x, pd.DataFrame):
        y = case.y.iloc[:, 0] if isinstance(case.y, pd.DataFrame) else case.y
        selector = skmist.MutualInfoFeatureSelector(1, estimator=estimator).fit(case.x, y)
        _check(selector.transform(case.x).shape == (len(case.x), 1), "shape of transform")


def _page(case, estimator):
    table = _table(case)
    if table is not None:
        page = skmist.report(table, table.columns[-1], estimator=estimator, max_points=20).page
        _check(page.rstrip().endswith("</html>"), "end of the page")


def _lags(case, estimator):
    sides = [s.iloc[:, 0] if isinstance(s, pd.DataFrame) else s for s in (case.x, case.y)]
    sides = [s.to_numpy() if isinstance(s, pd.Series) else s for s in sides]
    found = skmist.mi_lags(*sides, 2, estimator=estimator)
    _check(np.isfinite(found["mi"]).all(), f"lags {found}")


def _present(case, estimator):
    found = skmist.mutual_info(case.x, case.y, missing="drop", estimator=estimator)
    _check(np.isfinite(found.mi), f"estimate {found!r}")


def _given(case, estimator):
    if isinstance(case.x, pd.DataFrame):
        x, z = case.x.iloc[:, :1], case.x.iloc[:, 1:]
        found = skmist.conditional_mutual_info(x, case.y, z, estimator=estimator)
        _check(np.isfinite(found.mi), f"estimate {found!r}")


ALWAYS = {"mutual_info": _mutual_info, "fit, predict, score_samples": _fitted}
# Each of these is asked in turn, and all of them about the frames of the net.
TABLES = {
    "mi_with": _ranking,
    "mi_matrix": _matrix,
    "MutualInfoFeatureSelector": _selection,
    "mutual_info, missing='drop'": _present,
    "mi_lags": _lags,
    "conditional_mutual_info": _given,
}


def _asked(seed: int) -> tuple[str, dict]:
    """The estimator and the entrances of a frame; neither goes with what can be answered."""
    page = {} if seed % PAGE_EVERY else {"report": _page}
    if seed % NET_EVERY == 0:
        return "mist", {**ALWAYS, **TABLES, **page}
    name = list(TABLES)[(seed // 3) % len(TABLES)]
    asked = {**ALWAYS, **(page or {name: TABLES[name]})}
    return list(CHEAP)[(seed // (3 * len(TABLES))) % 2], asked


def _held(side) -> object:
    """What a side holds, for comparison: values that equal nothing included."""
    if isinstance(side, pd.Series):
        return str(side.dtype), repr(side.index.tolist()), [_said(v) for v in side]
    if isinstance(side, pd.DataFrame):
        columns = [_held(side.iloc[:, j]) for j in range(side.shape[1])]
        return repr(side.columns.tolist()), columns
    return list(map(_said, np.ravel(np.asarray(side, dtype=object))))


def _said(value) -> str:
    # whole numbers of any length
    return hex(value) if isinstance(value, int) else repr(value)


def shake(seed: int) -> dict[str, str]:
    """Ask entrances about the frame of a seed: "answered" or "refused" by entrance.

    Raises
    ------
    Shaken
        If anything else comes of it; the message names the frame.
    """
    # a third can be answered, so that answers are looked at too
    case, found = nasty(seed, plain=seed % 3 == 0), {}
    before, (estimator, entrances) = (_held(case.x), _held(case.y)), _asked(seed)
    for name, ask in entrances.items():
        try:
            with warnings.catch_warnings(), np.errstate(**_ERRORS.get(name, _STRICT)):
                warnings.simplefilter("error")
                for own in _OWN:
                    warnings.simplefilter("ignore", own)
                ask(case, estimator)
            found[name] = "answered"
        except SkmistError as error:
            _check(len(str(error)) > 20, f"{case.text}: {name} says no more than {error}")
            found[name] = "refused"
        except Exception as error:
            last = traceback.extract_tb(error.__traceback__)[-1]
            where = f"{last.filename.rsplit('/', 2)[-1]}:{last.lineno}"
            text = f"{type(error).__name__} {error} ({where})"
            raise Shaken(f"{case.text}: {name}: {text}") from error
    _check((_held(case.x), _held(case.y)) == before, f"{case.text}: the input was changed")
    return found


def _renamed(rng, frame):
    """A frame with other names of the categories of its columns of text."""
    frame = frame.copy(deep=False)
    for place, dtype in enumerate(frame.dtypes.to_numpy()):
        values = frame.iloc[:, place].to_numpy(dtype=object)
        if getattr(dtype, "ordered", False) or not all(isinstance(v, str) for v in values):
            continue
        old = sorted(set(values))
        new = dict(zip(old, (f"k{k}" for k in rng.permutation(len(old))), strict=True))
        frame.isetitem(place, np.array([new[v] for v in values], dtype=object))
    return frame


def invariances(seed: int) -> str:
    """Rows, columns and sides of a plain frame, all in another order, change no estimate.

    Nor do other names of categories.

    The sides of the net stay: whole numbers are classes to it as a target, and ordered as columns.
    """
    case = nasty(seed, plain=True)
    rng = np.random.default_rng(seed)
    rows = rng.permutation(len(case.x))
    x, y = (_renamed(rng, side.iloc[rows, ::-1]) for side in (case.x, case.y))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for estimator in (*CHEAP.values(), *([] if seed % NET_EVERY else [NET])):
            other = (x, y) if estimator is NET else (y, x)
            try:
                found = estimator.estimate_many([(case.x, case.y), other])
            except SkmistError:
                return "refused"
            # of a single number's precision: 40 nats come from float32
            least = _TOLERANCE * max(1.0, np.max(found))
            _check(np.ptp(found) < least, f"{case.text}: {estimator} says {found}")
    return "held"


def main(arguments=None) -> int:
    """Shake many frames; the number of failures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--frames", type=int, default=2000)
    parser.add_argument("--start", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=float("inf"), help="stop after that")
    options = parser.parse_args(arguments)
    counts, failures, started, done = Counter(), [], time.monotonic(), 0
    for seed in range(options.start, options.start + options.frames):
        if time.monotonic() - started > options.seconds:
            break
        done += 1
        try:
            counts.update(shake(seed).items())
            # of each plain frame that was shaken its order, too
            if seed % 3 == 0:
                counts["invariances", invariances(seed)] += 1
        except Shaken as failure:
            failures.append(str(failure)[:600])
            sys.stderr.write(f"{failures[-1]}\n")
    for (name, outcome), count in sorted(counts.items()):
        sys.stdout.write(f"{name}: {outcome} {count}\n")
    sys.stdout.write(f"{done} frames, {len(failures)} failures, {time.process_time():.0f} s\n")
    return len(failures)


if __name__ == "__main__":
    sys.exit(min(main(), 1))
