"""A long recording on a page."""

from dataclasses import replace

import numpy as np
import pytest
from matplotlib import pyplot
from numpy.testing import assert_allclose

from sklearn_ecg.datasets import ECGRecord
from sklearn_ecg.plotting import HolterDisplay


@pytest.fixture
def day():
    """A day of one beat a second, the tenth of each hour ventricular, with an hour of AF."""
    steps = np.arange(24 * 3600) * 10 + 5
    symbols = np.full(len(steps), "N")
    symbols[9::3600] = "V"
    rhythms = np.array([0, 5 * 36000, 6 * 36000]), np.array(["N", "AFIB", "N"])
    signal = np.zeros((24 * 36000, 0), np.float32)
    return ECGRecord(signal, 10.0, (), annotations=(steps, symbols), rhythms=rhythms)


def test_beats_are_counted_by_the_hour(day):
    """Each class has a row, and each hour a cell."""
    *_, table = HolterDisplay.from_record(day).axes_
    counts = [text.get_text() for text in table.texts]
    assert counts == ["3599"] * 24 + ["1"] * 24
    assert [label.get_text() for label in table.get_yticklabels()] == ["N  86376", "V  24"]
    assert table.get_xlim() == (0, 24)
    assert table.get_xlabel() == "time in h"


def test_heart_rate_is_that_of_the_record(day):
    """A beat a second is a rate of 60."""
    _, rate, _ = HolterDisplay.from_record(day).axes_
    (line,) = rate.lines
    assert_allclose(line.get_ydata(), 60)


def test_rate_has_a_gap_where_no_beat_is(day):
    """An hour without beats leaves the line open."""
    steps, symbols = day.annotations
    is_kept = (steps < 36000) | (steps >= 2 * 36000)
    record = replace(day, annotations=(steps[is_kept], symbols[is_kept]))
    _, rate, table = HolterDisplay.from_record(record).axes_
    time, values = rate.lines[0].get_xydata().T
    assert np.isnan(values[(time > 1) & (time < 2)]).all()
    assert table.texts[1].get_text() == "0"


def test_rhythms_are_bands(day):
    """An episode lasts until the next begins, and its share of the record stands beside it."""
    rhythms, *_ = HolterDisplay.from_record(day).axes_
    labels = [label.get_text() for label in rhythms.get_yticklabels()]
    assert labels == ["N  95.8 %", "AFIB  4.2 %"]
    (episode,) = rhythms.collections[1].get_paths()
    assert_allclose(episode.get_extents().intervalx, [5, 6])


def test_last_rhythm_ends_with_the_last_beat(day):
    """A recorder that runs on without its patient records no rhythm."""
    record = replace(day, signal=np.zeros((30 * 36000, 0), np.float32))
    rhythms, *_ = HolterDisplay.from_record(record).axes_
    assert max(p.get_extents().x1 for p in rhythms.collections[0].get_paths()) < 24.001


def test_page_without_rhythms_has_no_band(day):
    """A classifier of beats annotates no rhythm."""
    record = replace(day, rhythms=(np.empty(0, int), np.empty(0, "<U4")))
    assert len(HolterDisplay.from_record(record).axes_) == 2


@pytest.mark.parametrize(
    ("hours", "label"),
    [(0.1, "beats in 1 min"), (2, "beats in 5 min"), (168, "beats in 6 h"), (24 * 60, "in 24 h")],
)
def test_span_suits_the_length(hours, label):
    """There are not more cells than can be read."""
    n_timesteps = round(hours * 3600)
    steps = np.arange(0, n_timesteps, max(n_timesteps // 300, 1))
    signal = np.zeros((n_timesteps, 0), np.float32)
    record = ECGRecord(signal, 1.0, (), annotations=(steps, np.full(len(steps), "N")))
    assert label in HolterDisplay.from_record(record).axes_[-1].get_ylabel()


def test_place_of_the_callers_axes_is_taken(day):
    """The page may be a part of a figure."""
    figure, (above, below) = pyplot.subplots(2)
    display = HolterDisplay.from_record(day, ax=below)
    assert display.figure_ is figure
    assert all(ax.get_position().y1 < above.get_position().y0 for ax in display.axes_)


def test_record_without_beats_is_refused():
    """There is nothing to count, and the error says what to do."""
    record = ECGRecord(np.zeros((500, 1), np.float32), 100.0, ("II",))
    with pytest.raises(ValueError, match="no annotated beats: read its annotations"):
        HolterDisplay.from_record(record)


def test_single_beat_is_drawn():
    """One beat has no heart rate, but a page."""
    annotations = np.array([50]), np.array(["V"])
    record = ECGRecord(np.zeros((500, 1), np.float32), 100.0, ("II",), annotations=annotations)
    display = HolterDisplay.from_record(record)
    assert [text.get_text() for text in display.axes_[-1].texts] == ["1"]


def test_title_counts_runs_and_pauses(day):
    """With the longest of each, and the heart rate."""
    steps, symbols = day.annotations
    symbols = symbols.copy()
    symbols[100:104] = "V"
    is_kept = (steps < 5000) | (steps > 5030)
    record = replace(day, annotations=(steps[is_kept], symbols[is_kept]))
    first, *_ = HolterDisplay.from_record(record).axes_
    expected = "24 h, 86397 beats, median heart rate 60/min, runs of V: 1 (longest 4), pauses: 1"
    assert first.get_title(loc="left") == f"{expected} (longest 4.0 s)"
