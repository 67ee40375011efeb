"""The ablation: what each net is shown, and a tiny run that is cut short and goes on."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import torch

from skmist._sample.sample import make_sample
from skmist.nn import SampleFrame, compress, encode_rows, masked_rows, sample_statistics
from skmist.nn.mist.net import input_sizes
from tests.benchmarks.test_small import CONFIG

N, ROWS = 90, 32
PLAIN = input_sizes(False)
EXTENDED = CONFIG.replace("[net]", "[net]\nextended = true")


@pytest.fixture
def script(scripts):
    return scripts("ablation")


@pytest.fixture(scope="module")
def read():
    """Statistics of a sample, and of rows of which one side is hidden."""
    rng = np.random.default_rng(0)
    x = torch.tensor(rng.normal(size=(1, N, 2)))
    y = torch.cat([x.prod(-1, keepdim=True), x[..., :1]], -1) + 0.3 * torch.tensor(
        rng.normal(size=(1, N, 2))
    )
    kinds = ((False, False), (False, False))
    sides = (encode_rows(side, None, kinds[0]) for side in (x, y))
    frame = SampleFrame(*sides, *kinds, kinds)
    statistics = sample_statistics(frame, ROWS)
    hidden = encode_rows(x, x[:, :5] + 0.01, kinds[0])
    return statistics, masked_rows(frame, 0, hidden, statistics.rows)


def apart(values, others):
    """Those of the values that none of the others is near: the best view says what one says."""
    return {v for v in values.tolist() if (others - v).abs().min() > 1e-4}


@pytest.mark.parametrize(
    ("name", "views"), [("no learned views", [0, 1, 2, 3]), ("no best view or sum", [2, 3])]
)
def test_hidden_views_leave_no_trace_among_what_is_read(script, read, name, views):
    statistics, masked = read
    seen, seen_masked = script.VARIANTS[name].sees(statistics, masked)
    kept = [view for view in range(4) if view not in views]
    for part, start in (("sample", "set"), ("rows", "row")):
        before, after = getattr(statistics, part), getattr(seen, part)
        start = getattr(PLAIN, f"{start}_candidates"), getattr(PLAIN, f"{start}_shared")
        said = before.candidates[..., start[0] :].unflatten(-1, (-1, 4))
        plain = before.candidates[..., : start[0]]
        assert torch.equal(plain, after.candidates[..., : start[0]])
        others = torch.cat([plain.flatten(), said[..., kept].flatten()])
        own = apart(said[..., views].flatten(), others)
        assert own and not own & set(after.candidates.flatten().tolist())
        # The net reads those of the sample compressed.
        told = own if part == "rows" else {compress(torch.tensor(v)).item() for v in own}
        assert told & set(before.shared[..., start[1] :].flatten().tolist())
        assert not told & set(after.shared[..., start[1] :].flatten().tolist())
        assert torch.equal(before.shared[..., : start[1]], after.shared[..., : start[1]])
    assert torch.equal(seen.sample.unit, statistics.sample.unit)
    assert torch.equal(
        seen_masked.features[..., : PLAIN.masked], masked.features[..., : PLAIN.masked]
    )


def test_what_is_blotted_out_with_all_views_is_all_that_an_extended_net_has_of_them(script, read):
    statistics, masked = read
    seen, seen_masked = script.VARIANTS["no learned views"].sees(statistics, masked)
    assert not seen.rows.shared[..., PLAIN.row_shared :].any()
    assert not seen.rows.roles[0][..., PLAIN.row_role :].any()
    assert not seen_masked.features[..., PLAIN.masked :].any()
    assert torch.equal(seen.rows.cells[0], statistics.rows.cells[0])
    last = seen_masked.candidates[..., PLAIN.masked_candidates :]
    assert (last == seen_masked.candidates[..., 8:9]).all()
    whole = statistics.sample.row_means
    assert torch.equal(seen.sample.row_means[:, : PLAIN.row_candidates], whole[:, :18])
    assert (seen.sample.row_means[:, PLAIN.row_candidates :] == whole[:, 8:9]).all()
    # The unit and the distances of the classical estimates stay.
    shared = seen.sample.shared[:, PLAIN.set_shared :]
    assert int((shared != 0).sum()) <= 1 + 8 + PLAIN.set_candidates
    assert shared[0, 0] == statistics.sample.unit.log()


def test_on_the_log_scale_there_is_no_unit(script, read):
    seen, _ = script.VARIANTS["plain loss"].sees(*read)
    assert seen.sample.unit.tolist() == [[1.0]] != read[0].sample.unit.tolist()
    assert torch.equal(seen.sample.shared, read[0].sample.shared)


def test_readings_share_all_but_what_they_are_about(script, tmp_path):
    config = tmp_path / "small.toml"
    config.write_text(EXTENDED)
    run = script.load_config(config)
    variants = script.VARIANTS
    assert variants["full"].reading.config(run) == run
    plain = variants["mist-2's design"].reading.config(run)
    assert not plain.net.extended and plain.prior == run.prior
    former = variants["mist-2's prior"].reading.config(run).prior
    assert former["narrow"]["gaussian"] == 0.12 and "structural" not in former["narrow"]
    assert former["n_range"] == run.prior["n_range"]
    shared = script.SharedBatches(run, [variants[k] for k in ("full", "mist-2's design")])[0]
    (one, _), (two, _) = shared.values()
    assert [torch.equal(a.mi, b.mi) for a, b in zip(one, two, strict=True)] == [True, True]


def test_summary_counts_errors_and_coverage(script):
    row = {"set": "held out", "family": "f", "p": 1, "q": 1, "n": 100, "mi_true": 0.5}
    answers = pd.DataFrame(
        [
            {**row, "net": "full", "low": 0.4, "mi": 0.6, "high": 0.7},
            {**row, "net": "plain loss", "low": 0.6, "mi": 0.9, "high": 1.0},
            {**row, "family": "g", "net": "full", "low": 0.4, "mi": 0.5, "high": 0.7},
            {**row, "family": "g", "net": "plain loss", "low": 0.6, "mi": 0.501, "high": 1.0},
        ]
    )
    table = script.summary(answers).set_index("net")
    assert table["mae"].tolist() == pytest.approx([0.05, 0.2005])
    assert table["mae_n100"].tolist() == pytest.approx([0.05, 0.2005])
    assert table["coverage_90"].tolist() == [1.0, 0.0]
    # Errors below a hundredth of a nat count alike.
    assert table["lost"].tolist() == pytest.approx([1.0, 2.0])
    assert table["lost_se"].tolist() == pytest.approx([0.0, 2.0 * np.log(4.0) / 2.0])


def test_questions_are_answered_in_the_form_that_a_user_has_them(scripts):
    questions = scripts("cases.ablation_questions")
    cells = questions.asked_cells(1)
    sets = {"in training", "held out", "validation", "situations"}
    few = {questions.draw_question(cell).keys["set"] for cell in cells if cell.n == 100}
    assert few == sets
    question = questions.draw_question(questions.Situated("kept_labels", 100, 600))
    sample = make_sample(question.x, question.y, **question.masks)
    assert sample.kinds == ((True,), (True,)) and question.keys["mi_true"] == pytest.approx(
        0.493, abs=1e-3
    )


def test_a_tiny_run_goes_on_where_it_was_cut(script, scripts, monkeypatch, tmp_path):
    config = tmp_path / "small.toml"
    config.write_text(EXTENDED)
    questions = scripts("cases.ablation_questions")
    monkeypatch.setattr(questions, "SIZES", (20,))
    monkeypatch.setattr(questions, "ASKED_FAMILIES", ["gaussian_sparse", "checkerboard"])
    monkeypatch.setattr(questions, "ASKED_SITUATIONS", ["counts"])
    arguments = ["--config", str(config), "--steps", "2", "--draws", "1", "--workers", "0"]
    arguments += ["--folder", str(tmp_path / "nets"), "--out", str(tmp_path)]
    assert script.main([*arguments, "--minutes", "0"]) == 0
    cut = pd.read_csv(tmp_path / "ablation.csv", comment="#")
    assert set(cut["net"]) == set(script.VARIANTS) and set(cut["steps"]) == {1}
    assert script.main(arguments) == 0
    table = pd.read_csv(tmp_path / "ablation.csv", comment="#")
    assert set(table["steps"]) == {2} and not table["mae"].equals(cut["mae"])
    assert (table["mae"] > 0.0).all() and (table["seconds"] > table["net_seconds"]).all()
    with pytest.raises(SystemExit, match="another run"):
        script.main([*arguments, "--steps", "3"])
