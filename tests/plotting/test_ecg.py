"""A recording on paper: its scale, its leads, its marks."""

from dataclasses import replace

import numpy as np
import pytest
from matplotlib import pyplot
from numpy.testing import assert_allclose

from sklearn_ecg.datasets import ECGRecord, make_ecg
from sklearn_ecg.plotting import ECGDisplay

TWELVE = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")


@pytest.fixture
def record():
    return make_ecg(20, fs=100, premature={"V": 0.2}, leads=("II", "V1"), random_state=0)


def texts(display):
    return [text.get_text() for text in display.ax_.texts]


def traces(display):
    """Curves that are no calibration pulse."""
    return [line for line in display.ax_.lines if len(line.get_xdata()) != 6]


def test_squares_are_millimetres(record):
    """Printed in its own size, a second is 25 mm and a millivolt 10 mm."""
    display = ECGDisplay.from_record(record, duration_s=8)
    display.figure_.canvas.draw()
    (left, right), (bottom, top) = display.ax_.get_xlim(), display.ax_.get_ylim()
    size_mm = 25.4 * display.figure_.get_size_inches()
    width_mm, height_mm = size_mm * display.ax_.get_position().size
    assert_allclose(width_mm, 25 * (right - left), rtol=1e-6)
    assert_allclose(height_mm, 10 * (top - bottom), rtol=1e-6)


def test_display_keeps_its_traces(record):
    """Whoever draws more finds the curve of each lead, and no pulse among them."""
    display = ECGDisplay.from_record(record)
    assert display.traces_ == traces(display)
    assert_allclose(display.traces_[1].get_xdata(), np.arange(1000) / 100)


@pytest.mark.parametrize("gain", [1, 4])
@pytest.mark.parametrize("layout", ["3x4", "6x2"])
def test_ten_seconds_of_twelve_leads_fit_a4(layout, gain):
    """The usual sheet fits A4 in landscape, however high the waves."""
    record = make_ecg(10, fs=100, leads=TWELVE, random_state=0)
    record = replace(record, signal=gain * record.signal)
    figure = ECGDisplay.from_record(record, layout=layout).figure_
    width_mm, height_mm = 25.4 * figure.get_size_inches()
    assert width_mm < 287
    assert height_mm < 200.1


def test_pulse_is_a_millivolt_and_a_fifth_of_a_second(record):
    """Each row begins with a pulse by which the scale can be checked."""
    display = ECGDisplay.from_record(record, start_s=3)
    pulses = [line.get_xydata() for line in display.ax_.lines if len(line.get_xdata()) == 6]
    assert len(pulses) == 2
    for pulse, baseline in zip(pulses, display.baselines_, strict=True):
        is_high = pulse[:, 1] > baseline + 0.5
        assert_allclose(pulse[is_high, 1], baseline + 1)
        assert_allclose(np.ptp(pulse[is_high, 0]), 0.2)
        assert pulse[:, 0].max() < 3


def test_trace_is_the_stretch_in_seconds_and_millivolts(record):
    """The x-axis is the time in the record, the y-axis mV about the median."""
    display = ECGDisplay.from_record(record, layout="1x1", leads=["V1"], start_s=5, duration_s=4)
    (trace,) = traces(display)
    expected = record.leads(["V1"])[500:900, 0]
    assert_allclose(trace.get_xdata(), np.arange(500, 900) / 100)
    assert_allclose(trace.get_ydata(), expected - np.median(expected), atol=1e-6)
    assert display.ax_.get_xlim()[1] == 9
    assert "V1" in texts(display)


def test_title_says_that_a_part_is_drawn(record):
    """Ten seconds of a recording do not pass for all of it."""
    titles = [
        ECGDisplay.from_record(record, duration_s=duration_s).ax_.get_title(loc="left")
        for duration_s in (5, 20)
    ]
    assert titles == ["5 s of 20 s", "20 s"]


def test_words_around_a_single_beat_are_within_the_figure(record):
    """The scale of a second is wider than its paper."""
    display = ECGDisplay.from_record(replace(record, source="207.hea"), duration_s=1)
    figure = display.figure_
    figure.canvas.draw()
    for text in (display.ax_.xaxis.label, display.ax_._left_title):
        box = text.get_window_extent()
        assert 0 <= box.x0 < box.x1 <= figure.bbox.x1, text.get_text()
    assert_allclose(display.ax_.get_window_extent().width / figure.dpi * 25.4, 37)  # as ever


def test_numbers_of_narrow_segments_do_not_overlap():
    """Forty segments are shaded, and the numbers, for which there is no room, are left out."""
    options = {"segment_probabilities": np.linspace(0, 1, 40), "segment_length_s": 0.25}
    display = ECGDisplay.from_signal(np.zeros(1000), 100, ["II"], **options)
    assert texts(display) == ["II"]
    assert len(display.ax_.patches) == 40


def test_offset_of_an_electrode_does_not_move_the_trace(record):
    """A signal 300 mV off is drawn where one without offset is."""
    shifted = replace(record, signal=record.signal + 300)
    heights = [ECGDisplay.from_record(one).ax_.get_ylim() for one in (record, shifted)]
    assert_allclose(*heights)


def test_stretch_ends_with_the_record(record):
    """Of a stretch beyond the end there is drawn what was recorded."""
    display = ECGDisplay.from_record(record, start_s=15, duration_s=60)
    assert display.ax_.get_xlim()[1] == 20


@pytest.mark.parametrize(
    ("layout", "n_rows", "n_traces"),
    [("1x1", 1, 1), ("2x1", 2, 2), ("3x1", 3, 3), ("3x4", 4, 13), ("6x2", 6, 12)],
)
def test_layouts(layout, n_rows, n_traces):
    """Rows, and the leads in them; 3x4 has a rhythm strip."""
    record = make_ecg(10, fs=100, leads=TWELVE, random_state=0)
    display = ECGDisplay.from_record(record, layout=layout)
    assert len(display.figure_.axes) == 1
    assert len(display.baselines_) == n_rows
    assert (np.diff(display.baselines_) < 0).all()
    assert len(traces(display)) == n_traces


def test_columns_follow_each_other_in_time():
    """V1 is drawn in the third quarter of a sheet of four columns."""
    record = make_ecg(10, fs=100, leads=TWELVE, random_state=0)
    display = ECGDisplay.from_record(record, layout="3x4")
    v1 = traces(display)[TWELVE.index("V1")]
    assert v1.get_xdata()[[0, -1]].tolist() == [5.0, 7.49]
    rhythm = traces(display)[-1]
    assert rhythm.get_xdata()[[0, -1]].tolist() == [0.0, 9.99]


@pytest.mark.parametrize(
    ("leads", "n_rows"),
    [(("II",), 1), (("II", "V1"), 2), (("II", "V1", "V5"), 3), (TWELVE, 4), (("I", "II"), 4)],
)
def test_layout_suits_the_leads(leads, n_rows):
    """Six of the twelve, which follow from two limb leads, are enough for the sheet of twelve."""
    record = make_ecg(10, fs=100, leads=leads, random_state=0)
    assert len(ECGDisplay.from_record(record).baselines_) == n_rows


def test_leads_may_have_another_order():
    """Cabrera's order, with aVR upside down."""
    record = make_ecg(10, fs=100, leads=TWELVE, random_state=0)
    order = ["aVL", "I", "-aVR", "II", "aVF", "III", *TWELVE[6:]]
    display = ECGDisplay.from_record(record, leads=order, layout="6x2")
    assert texts(display)[:12] == order
    minus_avr = -record.leads(["aVR"])[:500, 0]
    drawn = traces(display)[2].get_ydata()
    assert_allclose(drawn - drawn.mean(), minus_avr - minus_avr.mean(), atol=1e-5)


def test_beats_are_marked_by_class_where_they_are(record):
    """Each beat of the stretch, and no other, has a letter at its time."""
    display = ECGDisplay.from_record(record, start_s=4, duration_s=10)
    steps, classes = record.beats
    inside = (steps >= 400) & (steps < 1400)
    letters = [text for text in display.ax_.texts if text.get_text() in "NV"]
    drawn = sorted((text.get_position()[0], text.get_text()) for text in letters)
    assert set(classes[inside]) == {"N", "V"}
    assert drawn == [(s / 100, c) for s, c in zip(steps[inside], classes[inside], strict=True)]


def test_normal_beats_are_fainter_than_others(record):
    """They are no news."""
    lines = {line.get_label(): line for line in ECGDisplay.from_record(record).ax_.collections}
    assert lines["N"].get_alpha() < lines["V"].get_alpha() / 2


def test_gaps_are_grey_and_have_no_trace(record):
    """A gap is shown as one, from its first to its last time step."""
    signal = record.signal.copy()
    signal[200:300, 0] = np.nan
    display = ECGDisplay.from_record(replace(record, signal=signal), layout="2x1")
    (gap,) = [
        patch.get_paths()[0].get_extents()
        for patch in display.ax_.collections
        if type(patch).__name__.startswith("FillBetween")
    ]
    assert_allclose([gap.x0, gap.x1], [2, 3])
    assert np.isnan(traces(display)[0].get_ydata()[200:300]).all()


def test_label_is_that_of_the_alternative_that_is_drawn():
    """A picture of V5 must not say V1, nor a strip of MLII II."""
    record = make_ecg(10, fs=100, leads=("MLII", "V5"), random_state=0)
    shown = texts(ECGDisplay.from_record(record, leads=["MLII", ("V1", "V5")]))
    assert "V5" in shown
    assert "V1" not in shown
    shown = texts(ECGDisplay.from_record(record, layout="3x4"))
    assert "MLII" in shown  # the rhythm strip
    assert "II" not in shown


def test_missing_lead_is_named():
    """A sheet of twelve of a record without V6 says so in its place."""
    record = make_ecg(10, fs=100, leads=TWELVE[:-1], random_state=0)
    display = ECGDisplay.from_record(record)
    assert "V6 (missing)" in texts(display)
    assert "V5" in texts(display)


def test_segments_are_shaded_by_probability(strips):
    """The more probable, the darker; the figure stands in the segment."""
    X, _, _ = strips
    display = ECGDisplay.from_signal(
        X[0], 100, segment_probabilities=[0.2, np.nan, 0.8, np.nan], segment_length_s=0.75
    )
    shades = display.ax_.patches
    # The fourth is beyond the signal, as the padding of a row among longer ones is.
    assert [round(shade.get_x(), 2) for shade in shades] == [0.0, 1.5]
    assert shades[0].get_alpha() < shades[1].get_alpha()
    assert round(shades[1].get_width(), 2) == 0.5  # it ends with the signal
    assert {"0.20", "0.80"} < set(texts(display))


def test_axes_of_the_caller_are_drawn_on(record):
    """On other axes the squares stay square, and a second is not 25 mm: the label says no more."""
    figure, ax = pyplot.subplots()
    display = ECGDisplay.from_record(record, ax=ax)
    assert display.ax_ is ax
    assert display.figure_ is figure
    assert ax.get_aspect() == 0.4
    assert ax.get_xlabel() == "time in s (a large square: 0.2 s, 0.5 mV)"


def test_signal_without_names_is_numbered():
    """A row of X has no names of leads."""
    display = ECGDisplay.from_signal(np.zeros((500, 2)), 100)
    assert texts(display) == ["lead 0", "lead 1"]


def test_record_is_not_changed(record):
    """Drawing writes into nothing."""
    before = record.signal.copy()
    record.signal.setflags(write=False)
    ECGDisplay.from_record(record)
    assert_allclose(record.signal, before)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"start_s": 20}, "start_s=20 .* leave 0 time steps of the record, which lasts 20 s"),
        ({"start_s": 19.98}, "leave 2 time steps"),
        ({"duration_s": 86400}, "'duration_s' parameter"),
        ({"layout": "4x3"}, "'layout' parameter"),
        ({"layout": "2x1", "leads": ["II"]}, "place for 2 leads, but there are 1: II"),
        ({"segment_probabilities": [0.5]}, "segment_length_s together"),
        ({"segment_probabilities": [1.5], "segment_length_s": 2}, "between 0 and 1"),
        ({"segment_probabilities": [0.5], "segment_length_s": 0}, "must be more than 0"),
        # Overlapping ones would be drawn as if they followed each other.
        ({"segment_probabilities": [0.5] * 9, "segment_length_s": 4}, "that do not overlap"),
    ],
)
def test_bad_arguments_are_named(record, options, message):
    """An error says which argument is wrong."""
    with pytest.raises(ValueError, match=message):
        ECGDisplay.from_record(record, **options)


def test_bad_signals_are_refused():
    """Neither a bag, nor an array that is no recording, nor names that do not fit, is drawn."""
    with pytest.raises(ValueError, match="dim 3"):
        ECGDisplay.from_signal(np.zeros((2, 50, 1)), 100)
    with pytest.raises(ValueError, match="lead_names has 1 names, but signal has 2 columns"):
        ECGDisplay.from_signal(np.zeros((50, 2)), 100, ["II"])
    with pytest.raises(ValueError, match="fs=0 must be more than 0"):
        ECGDisplay.from_signal(np.zeros(50), 0)
    with pytest.raises(TypeError, match="ECGRecord"):
        ECGDisplay.from_record(np.zeros((50, 2)))
    with pytest.raises(ValueError, match="but there are 0: none"):
        ECGDisplay.from_record(ECGRecord(np.zeros((500, 0), np.float32), 100.0, ()))


def test_flat_and_empty_stretches_are_drawn():
    """A flat signal, and one of nothing but gaps, have a sheet too."""
    assert "lead 0 (missing)" in texts(ECGDisplay.from_signal(np.full(300, np.nan), 100))
    masked = np.ma.masked_all(300)
    assert "lead 0 (missing)" in texts(ECGDisplay.from_signal(masked, 100))
    assert len(traces(ECGDisplay.from_signal(np.zeros(300), 100))) == 1


def test_shortest_stretch_is_drawn():
    """A time step in each column is enough."""
    record = make_ecg(2, fs=100, leads=TWELVE, random_state=0)
    assert len(traces(ECGDisplay.from_record(record, duration_s=0.04))) == 13
