"""Recordings that sum themselves up."""

import pickle

import numpy as np

from sklearn_ecg.datasets import ECGRecord
from sklearn_ecg.datasets._files._recordings import Recordings


def test_summary_counts_gaps_classes_and_groups():
    """One sentence in place of the values."""
    recordings = Recordings(
        data=[np.array([[0.0], [np.nan]]), np.zeros((3, 1))],
        target=np.array([1, 0]),
        groups=np.array(["ann", "ann"]),
        fs=2.0,
        lead_names=("II",),
        skipped=[("x", "is of no known format")],
    )
    assert repr(recordings) == (
        "Recordings: 2 rows of 1 s to 1.5 s of II at 2 Hz, 20 % missing; classes 0 1, 1 1; "
        "1 group; 1 file skipped."
    )


def test_summary_of_many_classes_and_labels_is_short():
    """Of many classes some are shown; of a multilabel target, how many labels there are."""
    rows = {"data": np.zeros((30, 4, 2)), "fs": 4.0, "lead_names": ("I", "II")}
    many = Recordings(target=np.arange(30), **rows)
    assert repr(many).endswith("10 1, 11 1 and more.")
    assert "; 3 labels." in repr(Recordings(target=np.zeros((30, 3)), **rows))


def test_records_tell_their_own_leads_and_rates():
    """They may differ; records may be without a signal, and labels may be unknown."""
    records = [
        ECGRecord(np.zeros((500, 2)), fs=250, lead_names=("II", "V1")),
        ECGRecord(np.full((1440, 1), np.nan), fs=360, lead_names=("V5",)),
    ]
    recordings = Recordings(data=records, fs=250, lead_names=("II", "V1"), target=None)
    assert repr(recordings) == (
        "Recordings: 2 rows of 2 s to 4 s of II, V1, V5 at 250 to 360 Hz, 59 % missing."
    )
    marks = ECGRecord(np.empty((7200, 0)), fs=1, lead_names=())
    assert repr(Recordings(data=[marks])) == "Recordings: 1 row of 2 h of no lead at 1 Hz."


def test_recordings_are_a_bunch():
    """Items are attributes, also after pickling."""
    recordings = Recordings(data=np.zeros((1, 4, 1)), fs=4.0, lead_names=("II",))
    loaded = pickle.loads(pickle.dumps(recordings))
    assert type(loaded) is Recordings
    assert loaded["fs"] == loaded.fs == 4
