"""A signal coloured by its attributions."""

import numpy as np
import pytest
from matplotlib.collections import LineCollection
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from sklearn_ecg import BeatClassifier, RecordReader, Reshaper, make_ecg, write_record
from sklearn_ecg.plotting import AttributionDisplay


def bands(display):
    """Coloured traces; the lines of the paper are collections too."""
    return [
        part
        for part in display.ax_.collections
        if isinstance(part, LineCollection) and part.get_array() is not None
    ]


def test_color_follows_attribution_in_place():
    """The band is strongest where the attribution is, in each lead by itself."""
    signal = make_ecg(5, fs=100, leads=("II", "V1"), random_state=0).signal
    attributions = np.zeros_like(signal)
    attributions[200:220, 0], attributions[300:320, 1] = 1, -2
    display = AttributionDisplay.from_predictions(signal, attributions, fs=100)
    for_class, against = bands(display)
    strongest = np.abs(for_class.get_array()).argmax()
    assert 195 <= strongest <= 225
    assert for_class.get_array()[strongest] > 0 > against.get_array().min()
    assert 2 <= for_class.get_segments()[strongest][0, 0] <= 2.25


def test_color_of_a_part_is_that_of_its_time():
    """From the third second on; what stands out for one time step is no wider than 0.04 s."""
    signal = make_ecg(8, fs=100, random_state=0).signal
    attributions = np.zeros_like(signal)
    attributions[[100, 450]] = 1
    display = AttributionDisplay.from_predictions(
        signal, attributions, fs=100, start_s=3, duration_s=4
    )
    (band,) = bands(display)
    begins = np.array([segment[0, 0] for segment in band.get_segments()])
    coloured = begins[np.abs(band.get_array()) > 0]
    assert 0.02 <= np.ptp(coloured) <= 0.04
    assert 4.45 <= coloured.mean() <= 4.55


def test_sign_shows_in_print_without_colour():
    """For the class is darker than against it, which is darker than nothing."""
    signal = make_ecg(5, fs=100, random_state=0).signal
    display = AttributionDisplay.from_predictions(signal, np.zeros_like(signal), fs=100)
    (band,) = bands(display)
    greys = band.get_cmap()([1.0, 0.0, 0.5])[:, :3] @ [0.299, 0.587, 0.114]
    assert (np.diff(greys) > 0.2).all()


@pytest.mark.parametrize("lead_names", [None, ("I", "II", "III", "V1")])
def test_leads_that_decided_are_drawn(lead_names):
    """Of more than two, those with the largest attributions, in their own order."""
    signal = np.random.default_rng(0).normal(size=(500, 4)).astype(np.float32)
    attributions = np.zeros_like(signal)
    attributions[200:220, 1], attributions[100:120, 3], attributions[:20, 0] = 1, -2, 0.1
    display = AttributionDisplay.from_predictions(
        signal, attributions, fs=100, lead_names=lead_names
    )
    expected = ["lead 1", "lead 3"] if lead_names is None else ["II", "V1"]
    assert [text.get_text() for text in display.ax_.texts][:2] == expected
    for band, trace, lead in zip(bands(display), display.ecg_.traces_, (1, 3), strict=True):
        moved = trace.get_ydata() - signal[:, lead]
        np.testing.assert_allclose(moved, moved[0], atol=1e-5)  # about its median
        at = 200 if lead == 1 else 100
        assert at - 5 <= np.abs(band.get_array()).argmax() <= at + 25


@pytest.mark.parametrize("is_file", [True, False])
def test_lead_is_named_as_it_was_recorded(tiny, is_file, tmp_path):
    """A picture of V5 must not say V1, which the model would have taken first."""
    records = [make_ecg(20, fs=100, leads=("II", "V5"), random_state=i) for i in range(4)]
    reader = RecordReader(leads=[("V1", "V5")], fs=100)
    pipeline = make_pipeline(reader, Reshaper(10), tiny()).fit(records, [0, 1, 0, 1])
    row = write_record(records[0], tmp_path / "a.hea") if is_file else records[0]
    display = AttributionDisplay.from_estimator(pipeline, row, method="occlusion")
    assert display.ax_.texts[0].get_text() == "V5"
    first, second = display.ax_.get_title(loc="left").split("\n")
    assert first.endswith(" (of the whole 20 s)")
    assert second == "red: for the class, blue: against it"
    assert display.ax_.get_title(loc="right") == ""  # it would lie on the other in a short strip


def test_row_is_explained_and_drawn(tiny, strips):
    """The title names the class and its probability."""
    X, y, _ = strips
    pipeline = make_pipeline(Reshaper(10), tiny()).fit(list(X), y)
    display = AttributionDisplay.from_estimator(pipeline, X[0], fs=100, duration_s=1)
    assert "probability" in display.ax_.get_title(loc="left")
    assert display.ax_.get_xlim()[1] == 1
    with pytest.raises(ValueError, match="pass fs, in Hz"):
        AttributionDisplay.from_estimator(pipeline, X[0])


def test_classifier_of_beats_is_refused():
    """Its attributions are of features; the error says where they are shown."""
    classifier = BeatClassifier(LogisticRegression())
    with pytest.raises(TypeError, match=r"features of beats, .* report shows them"):
        AttributionDisplay.from_estimator(classifier, make_ecg(10, random_state=0))


def test_shapes_must_agree():
    """Attributions of another row are refused, and none at all are drawn."""
    with pytest.raises(ValueError, match=r"attributions has shape \(50,\)"):
        AttributionDisplay.from_predictions(np.zeros(60), np.zeros(50), fs=100)
    display = AttributionDisplay.from_predictions(np.zeros(60), np.zeros(60), fs=100)
    assert len(bands(display)) == 1
