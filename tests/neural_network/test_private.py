"""Training with differential privacy: how far one row can move the weights, and what is counted."""

import pickle
import sys
import warnings

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.stats import norm

from sklearn_ecg.neural_network._private_training import PrivateTraining
from sklearn_ecg.persistence import load, save
from sklearn_ecg.plotting import TrainingDisplay

RATE = 0.5


@pytest.fixture
def private(tiny):
    """Make a tiny classifier whose steps are plain: weights minus rate times gradient."""

    def make(clip=1.0, noise=0.0, **parameters):
        defaults = {"optimizer": "sgd", "learning_rate": RATE, "batch_size": 100, "epochs": 1}
        return tiny(dp_l2_norm_clip=clip, dp_noise_multiplier=noise, **(defaults | parameters))

    return make


def weights_of(classifier):
    network = classifier.network_.keras_model
    return np.concatenate([np.ravel(value) for value in network.get_weights()])


def step_of(classifier, X, y, **fit_arguments):
    """Return how far one more fit moves the weights, in units of the learning rate."""
    before = weights_of(classifier)
    classifier.set_params(warm_start=True).fit(X, y, **fit_arguments)
    return (weights_of(classifier) - before) / RATE


def test_without_clipping_and_noise_a_step_is_a_plain_one(sequences, private, tiny):
    """If the clip is out of reach, the mean gradient of all rows is the network's own."""
    X, y = sequences
    plain = tiny(optimizer="sgd", learning_rate=RATE, batch_size=100, epochs=1).fit(X, y)
    np.testing.assert_allclose(
        weights_of(private(clip=1e6).fit(X, y)), weights_of(plain), atol=1e-6
    )


def test_gradient_of_one_row_is_clipped_exactly(sequences, private):
    """A gradient that is longer is as long as the clip, and keeps its direction."""
    X, y = sequences
    whole = step_of(private(clip=1e6).fit(X, y), X[:1], y[:1])
    clipped = step_of(private(clip=1e6).fit(X, y).set_params(dp_l2_norm_clip=1e-3), X[:1], y[:1])
    assert np.linalg.norm(whole) > 1e-2
    assert np.linalg.norm(clipped) == pytest.approx(1e-3, rel=1e-3)
    np.testing.assert_allclose(clipped, whole * 1e-3 / np.linalg.norm(whole), atol=1e-6)


@pytest.mark.parametrize("size", [1e6, 1e19, 3e38])
def test_a_huge_row_moves_weights_no_further_than_the_clip(sequences, private, size):
    """Even one whose gradient is not finite; the same fit without that row is the reference."""
    X, y = sequences
    X = X.copy()
    X[0] = size
    without = private(clip=0.1, activation="relu").fit(X[1:], y[1:])
    moved = step_of(private(clip=0.1, activation="relu").fit(X[1:], y[1:]), X, y) * len(X)
    expected = step_of(without, X[1:], y[1:]) * (len(X) - 1)
    assert np.linalg.norm(moved - expected) <= 0.1 * 1.001


def test_noise_has_its_standard_deviation(sequences, private):
    """It is the multiplier times the clip, for the sum over the rows of a step."""
    X, y = sequences
    classifier = private(clip=1e-3, noise=0.0, units=32).fit(X, y)
    classifier.set_params(dp_noise_multiplier=1000.0)
    noise = step_of(classifier, X, y) * len(X)
    assert len(noise) > 4000
    assert noise.std() == pytest.approx(1, abs=0.05)
    assert abs(noise.mean()) < 0.05


def test_same_seed_same_weights(sequences, private):
    """An int decides sampling and noise; another one decides otherwise."""
    X, y = sequences
    one, same, other = (
        private(noise=1.0, batch_size=8, epochs=2, random_state=seed).fit(X, y)
        for seed in (3, 3, 4)
    )
    np.testing.assert_array_equal(weights_of(one), weights_of(same))
    assert not np.array_equal(weights_of(one), weights_of(other))


def test_without_seed_noise_does_not_come_from_numpys_state(sequences, private):
    """Whoever knows the state of NumPy's generator could subtract it."""
    X, y = sequences
    fits = []
    for _ in range(2):
        np.random.seed(0)  # noqa: NPY002
        fits.append(weights_of(private(noise=1.0, random_state=None).fit(X, y)))
    assert not np.array_equal(*fits)


def test_a_warm_start_has_noise_of_its_own(sequences, private):
    """Else the difference of two steps would have none, though both have one seed."""
    X, y = sequences
    classifier = private(clip=1e-3, noise=1000.0, units=32).fit(X, y)
    steps = [step_of(classifier, X, y) for _ in range(2)]
    assert abs(np.corrcoef(steps)[0, 1]) < 0.1


def test_a_step_is_over_the_number_of_rows_that_are_expected(sequences, private):
    """Not over the number drawn: each of equal rows moves the weights by a 20th of the clip."""
    X, y = sequences
    classifier = private(clip=1e-3, batch_size=20).fit(X, y)
    rows = np.repeat(X[:1], 60, axis=0), np.repeat(y[:1], 60)
    n_drawn = [np.linalg.norm(step_of(classifier, *rows)) / (1e-3 / 20) for _ in range(3)]
    np.testing.assert_allclose(n_drawn, np.rint(n_drawn), atol=0.1)
    assert 30 < min(n_drawn) < max(n_drawn) < 90  # in three steps, of 20 on average
    assert np.ptp(n_drawn) > 0.5


def test_noise_lets_a_clear_signal_be_learnt(sequences, private):
    """The class is the sign of one feature."""
    X, y = sequences
    classifier = private(noise=1.0, batch_size=20, epochs=20, optimizer="adam", learning_rate=0.05)
    assert classifier.fit(X, y).score(X, y) > 0.9


def test_rows_of_a_group_are_clipped_together(sequences, private):
    """All rows of one patient move the weights no further than one row might."""
    X, y = sequences
    groups = np.array(["a", "b", "c"]).repeat(20)
    step = step_of(private(clip=0.01).fit(X, y, groups=groups), X, y, groups=["d"] * 60)
    assert np.linalg.norm(step) == pytest.approx(0.01, rel=1e-3)


def test_units_are_drawn_independently():
    """Each with its probability; some steps have more of them than others, or none."""
    units = np.repeat(np.arange(40), 50)
    training = PrivateTraining(units, l2_norm_clip=1, noise_multiplier=1, batch_size=2, seed=0)
    assert (training.n_steps, training.sampling_probability) == (20, 0.05)
    draws = [training._draw() for _ in range(4000)]
    sizes = np.array([len(parts) for parts in draws])
    assert sizes.mean() == pytest.approx(2, abs=0.1)
    assert sizes.var() == pytest.approx(40 * 0.05 * 0.95, rel=0.1)
    assert sizes.min() == 0
    for parts in draws[:50]:
        for part in parts:
            assert len(set(part)) == 32
            assert len(set(units[part])) == 1


@pytest.mark.parametrize("form", ["ragged", "bags", "multilabel", "dropout", "gru"])
def test_other_rows_and_networks_train(ragged, private, form):
    """Lists of rows, bags of segments, several labels, random layers."""
    rows, y = ragged
    parameters = {}
    if form in ("bags", "gru"):
        rows = [np.stack([row[:3]] * (1 + i % 3)) for i, row in enumerate(rows)]
    if form == "multilabel":
        y = np.column_stack([y, 1 - y, y])
    if form == "dropout":
        parameters = {"dropout": 0.5, "input_noise": 0.1, "learning_rate_schedule": "cosine"}
    if form == "gru":
        parameters = {"network": "gru", "weight_decay": 0.01, "class_weight": {0: 2}}
    classifier = private(noise=1.0, batch_size=8, epochs=2, **parameters).fit(rows, y)
    assert np.isfinite(classifier.predict_proba(rows)).all()
    assert classifier.dp_history_ == [
        {"unit": "row", "sampling_probability": 0.2, "noise_multiplier": 1.0, "n_steps": 10}
    ]


def test_augmentation_sees_one_unit_at_a_time(ragged, private):
    """So it cannot mix one patient's rows into another's."""
    rows, y = ragged
    shapes = []

    def augment(sequences, random_state):
        shapes.append(sequences.shape)
        return sequences + random_state.normal(size=sequences.shape)

    private(noise=1.0, augment=augment).fit(rows, y)
    assert {shape[0] for shape in shapes} == {1}

    def fail(sequences, random_state):
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        private(noise=1.0, augment=fail).fit(rows, y)


def test_no_loss_is_kept_or_shown(sequences, private, capsys):
    """It would tell of rows what no noise hides."""
    X, y = sequences
    classifier = private(noise=1.0, verbose=2).fit(X, y)
    assert set(classifier.history_) == {"learning_rate"}
    assert "loss" not in capsys.readouterr().out
    with pytest.raises(TypeError, match="differential privacy keeps none"):
        TrainingDisplay.from_estimator(classifier)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"dp_noise_multiplier": None}, "give both"),
        ({"dp_l2_norm_clip": None}, "give both"),
        ({"early_stopping": True}, "use early_stopping=False"),
        ({"class_weight": "balanced"}, "give a dict"),
        ({"class_weight": "balanced_sqrt"}, "give a dict"),
        ({"conv_filters": 4}, "batch normalization: leave them out"),
        ({"dp_l2_norm_clip": 0}, "dp_l2_norm_clip"),
        ({"dp_noise_multiplier": -1}, "dp_noise_multiplier"),
    ],
)
def test_what_breaks_the_guarantee_is_refused(sequences, private, parameters, message):
    """The message says what to do."""
    with pytest.raises(ValueError, match=message):
        private(noise=1.0).set_params(**parameters).fit(*sequences)


def test_weights_of_rows_are_refused(sequences, private):
    """In fit and in partial_fit."""
    X, y = sequences
    for method in (private(noise=1.0).fit, private(noise=1.0).partial_fit):
        with pytest.raises(ValueError, match="sample_weight is not supported"):
            method(X, y, sample_weight=np.ones(len(y)))


def test_one_unit_for_all_fits(sequences, private):
    """A row of a group that changes is not a row that is added."""
    X, y = sequences
    classifier = private(noise=1.0, warm_start=True).fit(X, y)
    with pytest.raises(ValueError, match="Each row was one unit"):
        classifier.fit(X, y, groups=np.arange(60))
    assert classifier.dp_history_[0]["n_steps"] == 1  # as the fit before left it


def test_further_training_is_counted(sequences, private):
    """partial_fit and warm starts add steps; a change of noise adds an entry; a new fit begins."""
    X, y = sequences
    classifier = private(noise=2.0, batch_size=20, epochs=2).fit(X, y)
    classifier.partial_fit(X, y)
    (fit,) = classifier.dp_history_
    assert fit["n_steps"] == 2 * 3 + 3
    classifier.set_params(dp_noise_multiplier=1.0).partial_fit(X, y)
    assert [fit["n_steps"] for fit in classifier.dp_history_] == [9, 3]
    classifier.fit(X, y)
    assert [fit["n_steps"] for fit in classifier.dp_history_] == [6]


def test_steps_without_noise_are_not_hidden(sequences, private, tiny):
    """Training before is warned of; training after leaves no guarantee. Both take plain steps."""
    X, y = sequences
    off = {"dp_l2_norm_clip": None, "dp_noise_multiplier": None}
    assert tiny(epochs=1).fit(X, y).epsilon(1e-5) == np.inf
    classifier = private().set_params(**off).partial_fit(X, y, classes=[0, 1])
    classifier.set_params(dp_l2_norm_clip=1e-9, dp_noise_multiplier=0.0)
    before = weights_of(classifier)
    with pytest.warns(UserWarning, match="not those of earlier ones") as warned:
        classifier.partial_fit(X, y)
    assert warned[0].filename == __file__  # the line of the user who called
    np.testing.assert_allclose(weights_of(classifier), before, atol=1e-8)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        classifier.set_params(**off).partial_fit(X, y)
    assert np.abs(weights_of(classifier) - before).max() > 1e-4
    assert len(classifier.history_["loss"]) == 2
    assert classifier.epsilon(1e-5) == np.inf


def test_epsilon_is_that_of_dp_accounting(sequences, private):
    """For the same schedule, and with several fits."""
    dp_accounting = pytest.importorskip("dp_accounting")
    from dp_accounting import pld

    X, y = sequences
    classifier = private(noise=2.0, batch_size=6, epochs=3).fit(X, y)
    classifier.set_params(dp_noise_multiplier=1.5).partial_fit(X, y)
    accountant = pld.PLDAccountant()
    for noise, n_steps in ((2.0, 30), (1.5, 10)):
        step = dp_accounting.PoissonSampledDpEvent(0.1, dp_accounting.GaussianDpEvent(noise))
        accountant.compose(dp_accounting.SelfComposedDpEvent(step, n_steps))
    assert classifier.epsilon(1e-4) == pytest.approx(accountant.get_epsilon(1e-4))
    with pytest.raises(ValueError, match="between 0 and 1"):
        classifier.epsilon(0)


def test_epsilon_of_one_whole_batch_is_the_gaussian_mechanism(sequences, private):
    """Its delta has a closed form (Balle and Wang 2018), which dp-accounting does not use."""
    pytest.importorskip("dp_accounting")
    X, y = sequences
    sigma, delta = 2.0, 1e-3
    expected = brentq(
        lambda e: (
            norm.cdf(0.5 / sigma - e * sigma)
            - np.exp(e) * norm.cdf(-0.5 / sigma - e * sigma)
            - delta
        ),
        0,
        10,
    )
    assert private(noise=sigma).fit(X, y).epsilon(delta) == pytest.approx(expected, rel=1e-3)


def test_epsilon_without_dp_accounting_names_the_extra(sequences, private, monkeypatch):
    """Training itself does not need it."""
    classifier = private(noise=1.0).fit(*sequences)
    monkeypatch.setitem(sys.modules, "dp_accounting", None)
    with pytest.raises(ImportError, match=r"sklearn-ecg\[privacy\]"):
        classifier.epsilon(1e-5)


def test_files_and_pickles_keep_the_account(sequences, private, tmp_path):
    """So training may go on elsewhere."""
    X, y = sequences
    classifier = private(noise=1.0).fit(X, y)
    save(classifier, tmp_path / "model.skecg")
    for copy in (pickle.loads(pickle.dumps(classifier)), load(tmp_path / "model.skecg")):
        assert copy.dp_history_ == classifier.dp_history_
        copy.partial_fit(X, y)
        assert copy.dp_history_[0]["n_steps"] == 2
