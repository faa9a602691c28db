"""Shipped models learn more of a patient's own recordings."""

import numpy as np
from sklearn.metrics import log_loss

from sklearn_ecg.beats import extract_beats
from sklearn_ecg.datasets import make_ecg
from sklearn_ecg.pretrained import load_pretrained


def test_beats_of_one_patient_are_learnt():
    """Supraventricular ones beside a bundle branch block, most of which are taken for others."""

    def day(random_state):
        premature = {"V": 0.1, "A": 0.1}
        return make_ecg(
            120, fs=250, conduction="rbbb", premature=premature, random_state=random_state
        )

    model = load_pretrained("beats")
    before = model.score([day(6)])
    rows = extract_beats([day(5)], leads=["II"], n_before=8, n_after=8, features=model.features)
    network = model.estimator_.estimator_  # the adviser stays
    network.set_params(warm_start=True, epochs=5, learning_rate=0.001)
    network.fit(rows.data, rows.target)
    assert model.score([day(6)]) > before + 0.1
    np.testing.assert_array_equal(model.classes_, ["F", "N", "S", "V"])  # F is not forgotten


def test_rhythms_of_one_patient_are_learnt():
    """Half a minute of each, then others of the same heart."""

    def strips(random_state):
        return [
            make_ecg(
                30,
                fs=250,
                heart_rate=heart_rate,
                premature=premature,
                conduction="lbbb",
                random_state=random_state + i,
            )
            for i, (heart_rate, premature) in enumerate([(70, None), (70, {"A": 0.3})] * 4)
        ]

    y = ["N", "O"] * 4
    model = load_pretrained("rhythm-30s")
    before = log_loss(y, model.predict_proba(strips(100)), labels=model.classes_)
    model.set_params(lstmclassifier__warm_start=True, lstmclassifier__epochs=10)
    model.fit(strips(0), y)
    after = log_loss(y, model.predict_proba(strips(100)), labels=model.classes_)
    assert after < 0.5 * before
