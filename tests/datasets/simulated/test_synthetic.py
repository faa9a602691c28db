import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklearn_ecg.beats import detect_beats
from sklearn_ecg.datasets import make_ecg_classification

ALL_CLASSES = (
    "normal",
    "arrhythmia",
    "pvc",
    "pac",
    "af",
    "lbbb",
    "rbbb",
    "st_elevation",
    "st_depression",
)


def test_make_ecg_classification_gives_rows_labels_and_patients():
    """Rows are shared among patients, and the classes take turns."""
    X, y, groups = make_ecg_classification(
        10, n_patients=3, duration_s=4, fs=50, n_leads=2, random_state=0
    )
    assert X.shape == (10, 200, 2)
    assert X.dtype == np.float32
    assert np.all(np.isfinite(X))
    assert_array_equal(y, ["normal", "arrhythmia"] * 5)
    assert_array_equal(groups, [0, 0, 0, 0, 1, 1, 1, 2, 2, 2])


def test_make_ecg_classification_has_every_class():
    """Each documented class can be chosen, alone or with others."""
    X, y, _ = make_ecg_classification(18, classes=ALL_CLASSES, n_patients=2, random_state=0)
    assert_array_equal(y, ALL_CLASSES * 2)
    assert len({strip.tobytes() for strip in X}) == 18
    assert set(make_ecg_classification(2, classes=["af"], random_state=0)[1]) == {"af"}


def test_make_ecg_classification_same_seed_gives_the_same_strips():
    """An int gives the same strips again, another int other ones."""
    one, same, other = (make_ecg_classification(10, random_state=seed)[0] for seed in (0, 0, 1))
    assert_array_equal(one, same)
    assert not np.array_equal(one, other)


def test_make_ecg_classification_patients_have_a_heart_rate_of_their_own():
    """From 60 to 95 beats a minute; strips of one patient differ less than patients do."""
    X, _, groups = make_ecg_classification(
        40, n_patients=8, classes=["normal"], duration_s=20, fs=250, random_state=0
    )
    rates = np.array([60 / np.diff(beats / 250).mean() for beats in detect_beats(X, 250)])
    of_patients = np.array([rates[groups == patient].mean() for patient in range(8)])
    assert 55 < of_patients.min() < 70
    assert 80 < of_patients.max() < 100
    assert np.abs(rates - of_patients[groups]).max() < 5


def test_make_ecg_classification_noise_is_in_mv():
    """Muscle noise has the stated standard deviation and wander four times that."""
    clean, noisy = (
        make_ecg_classification(100, noise=noise, random_state=0)[0] for noise in (0, 0.1)
    )
    assert_allclose((noisy - clean).std(), 0.1 * np.sqrt(1 + 4**2), rtol=0.01)


def test_make_ecg_classification_st_segments_go_the_way_of_their_name():
    """Up or down by 0.2 mV in lead II, 120 ms after R, on average over patients."""

    def level(kind):
        X, _, _ = make_ecg_classification(
            20, classes=[kind], n_patients=20, fs=250, noise=0, random_state=0
        )
        rows = zip(X[:, :-30, 0], X[:, 30:, 0], detect_beats(X, 250), strict=True)
        return np.mean([later[beats[beats < len(row)]].mean() for row, later, beats in rows])

    normal = level("normal")
    assert_allclose(level("st_elevation") - normal, 0.2, atol=0.05)
    assert_allclose(level("st_depression") - normal, -0.2, atol=0.05)


def test_make_ecg_classification_leads_are_those_of_monitors():
    """II, V1 and V5: in V1 the waves go down most, in the others up."""
    X, _, _ = make_ecg_classification(5, classes=["normal"], n_leads=3, noise=0, random_state=0)
    is_up = X.max(axis=1) > -X.min(axis=1)
    assert_array_equal(is_up, [[True, False, True]] * 5)


def test_make_ecg_classification_patients_have_a_beat_of_their_own():
    """The peaks of one patient's normal strips are alike; those of several patients differ."""
    X, _, groups = make_ecg_classification(
        40, classes=["normal"], n_patients=4, fs=500, noise=0, random_state=0
    )
    peaks = X[:, :, 0].max(axis=1)
    assert_allclose(peaks, [np.median(peaks[groups == patient]) for patient in groups], rtol=0.02)
    assert np.ptp(peaks) > 0.1


def test_make_ecg_classification_patients_keep_their_beat_in_every_class():
    """The normal beats of a patient do not tell strips with premature beats from those without."""
    X, y, _ = make_ecg_classification(
        20, classes=["normal", "pac"], n_patients=1, fs=500, noise=0, random_state=0
    )
    peaks = X[:, :, 0].max(axis=1)
    assert_allclose(peaks[y == "pac"].mean(), peaks[y == "normal"].mean(), rtol=0.01)


@pytest.mark.parametrize("seed", range(5))
def test_make_ecg_classification_shortest_strips_hold_their_premature_beat(seed):
    """Two seconds, the shortest strip, suffice for every class at every patient's heart rate."""
    X, _, _ = make_ecg_classification(60, classes=ALL_CLASSES, duration_s=2, random_state=seed)
    assert len(X) == 60


def test_make_ecg_classification_is_learnable_but_not_trivial():
    """Across patients, spectra tell most strips apart, but the values at each time step do not."""
    X, y, groups = make_ecg_classification(300, n_patients=30, random_state=0)
    # Ventricular beats are broad: their share of the power is higher at 2 to 6 Hz.
    spectra = np.log(np.abs(np.fft.rfft(X[:, :, 0], axis=1))[:, 1:100])
    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.01))

    def score(features):
        return cross_val_score(model, features, y, groups=groups, cv=GroupKFold(5)).mean()

    assert 0.75 < score(spectra) < 0.99
    assert score(X[:, :, 0]) < 0.65


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"classes": ["normal", "asystole"]}, "out of normal, arrhythmia, pvc"),
        ({"classes": ["af", "af"]}, "one or more different names"),
        ({"classes": []}, "one or more different names"),
        ({"n_leads": 13}, "n_leads"),
    ],
)
def test_make_ecg_classification_refuses_unknown_classes(settings, message):
    """Errors name the classes there are."""
    with pytest.raises(ValueError, match=message):
        make_ecg_classification(**settings)
