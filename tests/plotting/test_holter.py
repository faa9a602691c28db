"""A long recording on a page."""

import re
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from matplotlib import pyplot
from numpy.testing import assert_allclose

from sklearn_ecg.datasets import ECGRecord, make_ecg
from sklearn_ecg.plotting import HolterDisplay
from sklearn_ecg.plotting._quality import find_unusable
from sklearn_ecg.plotting._style import clock, percent


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
    assert table.get_xlabel() == "time in h from the start"  # not of the clock
    assert table.get_title(loc="right") == "not a diagnosis"


def test_count_of_a_short_rest_has_no_room(day):
    """Of 24 h and 6 min the last cell is a tenth as wide as the others; half an hour has room."""
    steps, symbols = day.annotations
    for minutes, last in ((6, ""), (30, "0")):
        signal = np.zeros((24 * 36000 + 600 * minutes, 0), np.float32)
        record = replace(day, signal=signal, annotations=(steps[::100], symbols[::100]))
        *_, table = HolterDisplay.from_record(record).axes_
        assert [text.get_text() for text in table.texts] == ["36"] * 24 + [last]


@pytest.mark.parametrize(
    ("share", "text"),
    [(0, "0 %"), (0.0004, "< 0.1 %"), (0.0005, "0.1 %"), (0.003, "0.3 %"), (0.04168, "4.2 %")],
)
def test_small_shares_are_written_as_far_as_a_digit_tells(share, text):
    """What would be rounded to 0.0 is there all the same."""
    assert percent(share) == text


def test_clock_rounds_to_the_second():
    """And carries to minutes and hours."""
    assert [clock(time_s) for time_s in (0.4, 0.6, 59.7, 3599.6, 86400)] == [
        *("0:00:00", "0:00:01", "0:01:00", "1:00:00", "24:00:00")
    ]


def test_counts_of_a_week_stand_apart():
    """Those of six hours have five digits."""
    steps = np.arange(7 * 24 * 3600)
    marks = steps, np.full(len(steps), "N")
    display = HolterDisplay.from_record(
        ECGRecord(np.zeros((len(steps), 0), np.float32), 1.0, (), annotations=marks)
    )
    renderer = display.figure_.canvas.get_renderer()
    boxes = [text.get_window_extent(renderer) for text in display.axes_[-1].texts]
    assert all(left.x1 < right.x0 for left, right in pairwise(boxes))


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


def test_rate_between_two_gaps_is_drawn(day):
    """A line needs two points: the rate of a lone span goes from its begin to its end."""
    steps, symbols = day.annotations
    is_kept = (steps >= 36000) & (steps < 36000 + 1800)  # three minutes, a point of the line
    record = replace(day, annotations=(steps[is_kept], symbols[is_kept]))
    _, rate, _ = HolterDisplay.from_record(record).axes_
    line = rate.lines[0].get_xydata()
    drawn = line[~np.isnan(line[:, 1])]
    assert_allclose(drawn, [[1, 60], [1.025, 60], [1.05, 60]])
    assert_allclose(rate.collections[0].get_paths()[0].get_extents().intervalx, [1, 1.05])


def test_rhythms_are_bands(day):
    """An episode lasts until the next begins, and its share of the time stands beside it."""
    rhythms, *_ = HolterDisplay.from_record(day).axes_
    labels = [label.get_text() for label in rhythms.get_yticklabels()]
    assert labels == ["N  95.8 %", "AFIB  4.2 %"]
    (episode,) = rhythms.collections[1].get_paths()
    assert_allclose(episode.get_extents().intervalx, [5, 6])


@pytest.mark.parametrize("name", ["SVTA", "atrial fibrillation", "supraventricular tachycardia"])
def test_names_of_rhythms_are_whole(name, day):
    """A classifier's own "atrial fibrillation" was cut to "lation", and SVTA to "VTA"."""
    episode = [5 * 36000, 5 * 36000 + 20]
    record = replace(day, rhythms=(np.array([0, *episode]), np.array(["N", name, "N"])))
    display = HolterDisplay.from_record(record)
    display.figure_.canvas.draw()
    label = display.axes_[0].get_yticklabels()[1]
    assert label.get_text() == f"{name}  < 0.1 %"
    assert label.get_window_extent().x0 > 0


def test_last_rhythm_ends_with_the_last_beat(day):
    """A recorder that runs on without its patient records no rhythm."""
    record = replace(day, signal=np.zeros((30 * 36000, 0), np.float32))
    rhythms, *_ = HolterDisplay.from_record(record).axes_
    assert max(p.get_extents().x1 for p in rhythms.collections[0].get_paths()) < 24.001
    labels = [label.get_text() for label in rhythms.get_yticklabels()]
    assert labels == ["N  95.8 %", "AFIB  4.2 %"]  # which the title states too


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
    assert label in HolterDisplay.from_record(record).axes_[-1].get_title(loc="left")


def test_place_of_the_callers_axes_is_taken(day):
    """The page may be a part of a figure."""
    figure, (above, below) = pyplot.subplots(2)
    display = HolterDisplay.from_record(day, ax=below)
    figure.canvas.draw()
    assert display.figure_ is figure
    assert all(ax.get_position().y1 < above.get_position().y0 for ax in display.axes_)


@pytest.mark.parametrize(("height", "square_mv"), [(0.5, 0.5), (2, 1)])
def test_squares_of_the_callers_axes_have_no_millimetres(worst, height, square_mv):
    """A strip that is drawn smaller is on no paper of 25 mm/s."""
    _, ax = pyplot.subplots()
    display = HolterDisplay.from_record(replace(worst, signal=height * worst.signal), ax=ax)
    assert display.axes_[-1].get_xlabel() == f"a large square: 0.2 s, {square_mv:g} mV"


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
    assert [text.get_text() for text in display.axes_[1].texts] == ["1"]
    assert display.strips_ == [("most V beats: 1", 0.0)]


def test_title_counts_runs_and_pauses(day):
    """With the longest of each, and the heart rate."""
    steps, symbols = day.annotations
    symbols = symbols.copy()
    symbols[100:104] = "V"
    is_kept = (steps < 5000) | (steps > 5030)
    record = replace(day, annotations=(steps[is_kept], symbols[is_kept]))
    page = HolterDisplay.from_record(record).figure_.axes[0]
    assert page.get_title(loc="left") == (
        "\n24 h, 86397 beats, mean heart rate 60/min, atrial fibrillation or flutter: 4.2 %\n"
        "runs of V: 1 (longest 4 beats), pauses: 1 (longest 4.0 s)\n"
    )


def stand_still(record, begin, end, silence_mv=0.03):
    """Let the heart stand still between the beats around two time steps of 100 Hz."""
    steps, symbols = record.annotations
    signal, is_lost = record.signal.copy(), (steps > begin) & (steps < end)
    first, last = steps[steps <= begin][-1] + 50, steps[steps >= end][0] - 20
    shape = last - first, signal.shape[1]
    signal[first:last] = np.random.default_rng(0).normal(scale=silence_mv, size=shape)
    return replace(record, signal=signal, annotations=(steps[~is_lost], symbols[~is_lost]))


def test_noise_is_not_the_worst_of_a_recording():
    """Its false pauses, runs and rates would take all strips; they are counted, apart."""
    record = make_ecg(600, fs=100, heart_rate=60, noise={"muscle": 25}, random_state=0)
    record = stand_still(record, 10_000, 10_250)
    signal, (steps, symbols) = record.signal.copy(), record.annotations
    rng = np.random.default_rng(0)
    signal[30_000:42_000] = rng.normal(scale=0.5, size=(12_000, 1))
    is_kept = (steps < 30_500) | (steps > 32_500)  # a pause of 20 s where beats were not found
    symbols = np.where((steps > 34_000) & (steps < 36_000), "V", symbols)
    noisy = replace(record, signal=signal, annotations=(steps[is_kept], symbols[is_kept]))
    display = HolterDisplay.from_record(noisy)
    reasons = [reason for reason, _ in display.strips_]
    assert re.fullmatch(r"slowest minute: 5[789]/min", reasons[1])
    assert re.fullmatch(r"longest pause: [34]\.\d s", reasons[2])
    assert reasons[3].endswith("/min, where beats may be missed or false")
    *_, readable, doubtful = display.figure_.axes[0].get_title(loc="left").split("\n")
    assert readable.startswith("pauses: 1 (longest ")
    assert re.fullmatch(
        r"runs of V: 1 .*, pauses: 1 \(longest 2\d\.\d s\), where beats may be missed or false",
        doubtful,
    )
    labels = [text.get_text() for text in display.axes_[-len(reasons) - 2].get_legend().get_texts()]
    assert labels[-1] == "unusable, or VF"
    marks = [29_000, *steps[is_kept], 43_000], ["[", *symbols[is_kept], "]"]
    assert find_unusable(noisy) == [[300, 420]]
    order = np.argsort(marks[0], kind="stable")
    marked = replace(noisy, annotations=tuple(np.array(each)[order] for each in marks))
    assert find_unusable(marked) == []


@pytest.mark.parametrize("silence_mv", [0.002, 0.03])
def test_silence_of_the_heart_is_not_taken_for_noise(silence_mv):
    """Nothing stands out of it, as out of noise, or it is flat; a pause of 2 s took its strip."""
    record = make_ecg(600, fs=100, heart_rate=60, noise={"muscle": 25}, random_state=0)
    silent = stand_still(record, 10_000, 10_200, silence_mv)
    silent = stand_still(silent, 30_000, 31_500, silence_mv)
    longest_s = np.diff(silent.annotations[0]).max() / 100
    assert longest_s > 15
    assert find_unusable(silent) == [[300, 310]]
    display = HolterDisplay.from_record(silent)
    reasons = [reason for reason, _ in display.strips_]
    assert any(f"longest pause: {longest_s:.1f} s" in reason.split("; ") for reason in reasons)
    title = display.figure_.axes[0].get_title(loc="left")
    assert title.endswith(f"pauses: 2 (longest {longest_s:.1f} s)\n")


@pytest.mark.parametrize(
    ("others", "is_doubtful"),
    [
        ([], False),  # the lead of the detector alone
        (["silent"], False),
        (["beating"], True),  # a beat stands out in as many leads as none does
        (["beating", "silent"], False),  # one lead of three may be noise
        (["beating", "beating", "silent"], True),
        (["smaller"], False),
        (["small"], True),
        (["off"], False),
        (["missing"], False),
        (["noise"], False),  # of an electrode that is off
        (["flutter", "noise"], False),
        (["noise", "beating"], True),
    ],
)
def test_pause_is_doubtful_if_other_leads_show_beats(others, is_doubtful):
    """The electrode of the lead in which beats are found may be off, while others show them."""
    record = make_ecg(60, fs=100, heart_rate=60, leads=["II"], random_state=0)
    silent = stand_still(record, 3000, 3500)

    def in_pause(factor):
        return record.signal * np.where(silent.signal == record.signal, 1, factor)

    leads = {
        "silent": silent.signal,
        "beating": record.signal,
        "small": in_pause(0.9),
        "smaller": in_pause(0.7),
        "off": np.zeros_like(record.signal),
        "missing": np.full_like(record.signal, np.nan),
        "noise": np.random.default_rng(1).normal(scale=0.05, size=record.signal.shape),
        "flutter": 0.3 * np.sin(10 * np.pi * np.arange(len(record.signal)) / record.fs)[:, None],
    }
    signal = np.hstack([silent.signal, *(leads[name] for name in others)])
    names = ("II", "V1", "V2", "V3")[: signal.shape[1]]
    paused = replace(silent, signal=signal, lead_names=names)
    display = HolterDisplay.from_record(paused)
    title = display.figure_.axes[0].get_title(loc="left")
    assert title.endswith(", where beats may be missed or false") == is_doubtful
    assert "pauses: 1 (longest" in title
    reasons = "; ".join(reason for reason, _ in display.strips_)
    assert ("slowest minute: 60/min" in reasons) == is_doubtful


def test_numbers_of_the_title_fit_the_page(day):
    """However many there are, and however long the name is: the burden was cut off."""
    symbols = np.resize(["V"] * 12000 + ["N"] + ["A"] * 12000 + ["N"], 86400)
    symbols[-2000:] = np.resize(["[", "]"], 2000)
    steps = day.annotations[0]
    kept = np.arange(86400) % 900 > 30
    record = replace(day, annotations=(steps[kept], symbols[kept]), source="x" * 60)
    display = HolterDisplay.from_record(record)
    page = display.figure_.axes[0]
    lines = page.get_title(loc="left").split("\n")
    assert lines[0] == "x" * 60
    display.figure_.canvas.draw()
    extent = page._left_title.get_window_extent()
    assert extent.x1 < display.figure_.bbox.x1
    assert extent.y1 < display.figure_.bbox.y1


def test_beats_of_less_than_a_minute_are_not_counted_by_the_minute():
    """24 in ten seconds are not 24 a minute."""
    record = make_ecg(10, fs=100, premature={"V": 0.2}, random_state=0)
    rate, table, _ = HolterDisplay.from_record(record).axes_
    assert table.get_title(loc="left") == "beats in 10 s"
    assert rate.get_legend().get_texts()[0].get_text() == "mean of 10 s"


@pytest.fixture
def worst():
    """Ten minutes of which each strip is known, in two leads."""
    intervals = np.full(600, 10)
    intervals[60:180] = 5  # twice as fast from 59.5 to 119.5 s
    intervals[300:330] = 20  # half as fast
    intervals[400] = 40  # a pause of 4 s
    steps = np.cumsum(intervals)
    symbols = np.full(600, "N")
    symbols[450:455] = "V"
    symbols[[480, 500, 502, 504]] = "A"
    signal = np.sin(np.arange(steps[-1] + 10) / 3).astype(np.float32)
    rhythms = np.array([0, steps[550]]), np.array(["N", "AFIB"])
    marks = {"annotations": (steps, symbols), "rhythms": rhythms}
    return ECGRecord(np.column_stack([signal, signal]), 10.0, ("II", "V1"), **marks)


def test_strips_show_the_worst(worst):
    """Each says why it is there, and shows the event."""
    steps = worst.annotations[0]
    strips = dict(HolterDisplay.from_record(worst).strips_)
    assert list(strips) == [
        "fastest minute: 119/min",
        "slowest minute: 31/min",
        "longest pause: 4.0 s",
        "longest run of V: 5 beats, 60/min",
        "most S beats: 3",
        "start of the longest AFIB: 49 s",
    ]
    assert steps[60] / 10 < strips["fastest minute: 119/min"] + 3.6 < steps[179] / 10
    assert steps[300] / 10 < strips["slowest minute: 31/min"] + 3.6 < steps[329] / 10
    run_s = strips["longest run of V: 5 beats, 60/min"]
    assert run_s + 3.6 == pytest.approx((steps[450] + steps[454]) / 20)
    assert strips["longest pause: 4.0 s"] == pytest.approx(steps[399] / 10 + 2 - 3.6)
    assert strips["start of the longest AFIB: 49 s"] == pytest.approx(steps[550] / 10 - 2)


def test_strips_show_tachycardia_and_flutter_of_the_ventricles(worst):
    """A longer run of V beats at 60/min took the strip of one at 120/min, and flutter had none."""
    steps, symbols = worst.annotations
    symbols = symbols.copy()
    symbols[100:104] = "V"  # where beats come twice as fast
    is_kept = (steps < steps[350]) | (steps > steps[380])
    marks = np.append(steps[is_kept], [steps[351], steps[379]])
    kinds = np.append(symbols[is_kept], ["[", "]"])
    order = marks.argsort(kind="stable")
    display = HolterDisplay.from_record(replace(worst, annotations=(marks[order], kinds[order])))
    strips = dict(display.strips_)
    assert list(strips) == [
        "start of the longest VF or VFL: 28 s",  # in place of the fastest minute
        "slowest minute: 31/min",
        "longest pause: 4.0 s",
        "longest run of V above 100/min: 4 beats, 120/min",
        "most S beats: 3",
        "start of the longest AFIB: 49 s",
    ]
    assert strips["start of the longest VF or VFL: 28 s"] == steps[351] / 10 - 2
    run_s = strips["longest run of V above 100/min: 4 beats, 120/min"]
    assert run_s + 3.6 == pytest.approx((steps[100] + steps[103]) / 20)
    title = display.figure_.axes[0].get_title(loc="left")
    assert "VF or VFL: 1 (longest 28.0 s)\nruns of V: 2 (longest 5 beats)" in title
    assert 25.4 * display.figure_.get_size_inches()[1] < 287


def test_tachycardia_is_shown_before_a_slow_run_of_as_many_beats(worst):
    """The slow one came first, and of equal runs the first was shown."""
    steps, symbols = worst.annotations
    symbols = symbols.copy()
    symbols[symbols == "V"] = "N"
    symbols[50:54] = "V"  # once a second
    symbols[100:104] = "V"  # twice
    display = HolterDisplay.from_record(replace(worst, annotations=(steps, symbols)))
    reasons = [reason for reason, _ in display.strips_]
    assert "longest run of V above 100/min: 4 beats, 120/min" in "; ".join(reasons)


def test_strips_are_on_paper(worst):
    """Printed in its own size, a second is 25 mm and a millivolt 10 mm, and the page fits A4."""
    display = HolterDisplay.from_record(worst)
    display.figure_.canvas.draw()
    size_mm = 25.4 * display.figure_.get_size_inches()
    assert size_mm[0] < 200.1
    assert size_mm[1] < 287
    for sheet in display.axes_[3:]:
        (left, right), (bottom, top) = sheet.get_xlim(), sheet.get_ylim()
        width_mm, height_mm = size_mm * sheet.get_position().size
        assert_allclose([width_mm, height_mm], [25 * (right - left), 10 * (top - bottom)])


def test_high_waves_are_drawn_at_half_size(worst):
    """So that the page fits A4; the pulse and a note say so."""
    display = HolterDisplay.from_record(replace(worst, signal=2 * worst.signal))
    pulse, trace = display.axes_[-1].lines
    assert np.ptp(pulse.get_ydata()) == 0.5
    assert np.ptp(trace.get_ydata()) == pytest.approx(2, abs=0.05)
    assert display.axes_[-1].get_xlabel() == "25 mm/s, 5 mm/mV"
    assert 25.4 * display.figure_.get_size_inches()[1] < 287


def test_low_strips_leave_their_room_to_high_ones(worst):
    """A wave is not cut off while there is room on the page."""
    signal = worst.signal.copy()
    signal[round(59.65 * 10) : round(66.85 * 10)] *= 2.6  # of the first strip
    worst = replace(worst, signal=signal, rhythms=(np.empty(0, int), np.empty(0, str)))
    display = HolterDisplay.from_record(worst)
    assert display.strips_[0][1] == pytest.approx(59.65)
    sheets = display.axes_[2:]
    heights = [np.ptp(sheet.get_ylim()) for sheet in sheets]
    assert heights[0] > max(heights[1:])
    for sheet in sheets:
        bottom, top = sheet.get_ylim()
        trace = sheet.lines[1].get_ydata()
        assert bottom < trace.min() < trace.max() < top
    assert 25.4 * display.figure_.get_size_inches()[1] < 287


def test_strips_are_numbered_where_they_are(worst):
    """The numbers above the heart rate lead to the strips."""
    display = HolterDisplay.from_record(worst)
    numbers = {text.get_text(): text.get_position()[0] for text in display.axes_[1].texts}
    for number, (_, begin_s) in enumerate(display.strips_, start=1):
        assert numbers[str(number)] == pytest.approx(begin_s / 60)
        caption = display.axes_[2 + number].get_title(loc="left")
        assert caption == f"{number}   {display.strips_[number - 1][0]}"


def test_pulse_is_whole_above_waves_that_point_down(worst):
    """A pulse that is cut off tells no scale."""
    display = HolterDisplay.from_record(replace(worst, signal=-0.3 - 0.7 * np.abs(worst.signal)))
    for sheet in display.axes_[3:]:
        pulse, trace = sheet.lines
        (bottom, top), values = (
            sheet.get_ylim(),
            np.concatenate([pulse.get_ydata(), trace.get_ydata()]),
        )
        assert bottom < values.min()
        assert values.max() < top
        assert sheet.get_title(loc="right").endswith(" from the start")


def test_a_short_episode_is_not_written_as_none(day):
    """Three seconds of fibrillation in a day are rare, and there."""
    steps = np.array([0, 5000, 5030])
    record = replace(day, rhythms=(steps, np.array(["N", "AFIB", "N"])))
    display = HolterDisplay.from_record(record)
    labels = [label.get_text() for label in display.axes_[0].get_yticklabels()]
    assert labels == ["N  100.0 %", "AFIB  < 0.1 %"]
    title = display.figure_.axes[0].get_title(loc="left")
    assert "atrial fibrillation or flutter: < 0.1 %" in title


def test_lead_with_a_signal_is_shown(worst):
    """The first that has one there, or the chosen one."""
    signal = worst.signal.copy()
    signal[:2000, 0] = np.nan
    gappy = replace(worst, signal=signal)
    places = [ax.get_title(loc="right") for ax in HolterDisplay.from_record(gappy).axes_[3:]]
    assert [place.partition(" ")[0] for place in places] == ["V1", *["II"] * 5]
    display = HolterDisplay.from_record(gappy, lead="II")
    assert display.strips_[0][0] == "slowest minute: 31/min"
    display = HolterDisplay.from_record(worst, lead=("V5", "V1"))
    assert display.axes_[-1].get_title(loc="right").startswith("V1 at ")
    with pytest.raises(ValueError, match="no lead V5; it has II, V1"):
        HolterDisplay.from_record(worst, lead="V5")


def test_offset_of_an_electrode_moves_no_strip(worst):
    """As on a sheet, a signal 300 mV off is drawn where one without offset is."""
    sheets = [
        HolterDisplay.from_record(replace(worst, signal=worst.signal + offset)).axes_[-1]
        for offset in (0, np.float32(300))
    ]
    assert_allclose(*(sheet.get_ylim() for sheet in sheets))
    assert_allclose(*(sheet.lines[-1].get_ydata() for sheet in sheets), atol=1e-3)


def test_events_that_are_close_share_a_strip(worst):
    """A strip is shown once, with both reasons."""
    marks = np.arange(5, 100, 10), np.array(list("NNVNNANNNN"))
    display = HolterDisplay.from_record(ECGRecord(worst.signal[:100], 10.0, ("II", "V1"), marks))
    assert [reason for reason, _ in display.strips_] == ["most V beats: 1; most S beats: 1"]


def test_record_without_a_signal_has_no_strips(day, worst):
    """Annotations may come alone, or the signal may be missing."""
    assert HolterDisplay.from_record(day).strips_ == []
    missing = replace(worst, signal=np.full_like(worst.signal, np.nan))
    assert HolterDisplay.from_record(missing).strips_ == []


def test_path_is_refused():
    """The error says what reads it."""
    with pytest.raises(TypeError, match=r"of type str\. read_record\(path\) returns the ECGRecord"):
        HolterDisplay.from_record("119.hea")
