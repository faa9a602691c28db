"""
===================================
Does a network of my own do better?
===================================

``network=`` takes a function that builds layers of Keras. All else stays: segments, padding,
weights, early stopping, search, files. So a network of one's own is compared with the known ones by
one cross-validation, on the same folds.
"""

# %%
# A function of two tensors
# -------------------------
# It gets the sequences and their mask, and returns a vector for each step, which ``pooling``
# combines. This one stacks dilated convolutions with a bridge over each, a temporal convolutional
# network: each layer sees twice as far as the one before.


def dilated(sequences, mask, units):
    """Look at ever more distant steps, and add what is new."""
    import keras

    hidden = keras.layers.Dense(units[0])(sequences)
    for dilation in (1, 2, 4, 8):
        convolution = keras.layers.Conv1D(
            units[0], 3, dilation_rate=dilation, padding="same", activation="relu"
        )
        hidden = hidden + convolution(hidden)
    return hidden


# %%
# The same folds for all
# ----------------------
# There are strips of 20 patients, half of them with premature beats. The networks differ in nothing
# but ``network``.

import numpy as np
from sklearn.model_selection import GroupKFold, cross_validate
from sklearn.pipeline import make_pipeline

from sklearn_ecg.datasets import make_ecg_classification
from sklearn_ecg.neural_network import LSTMClassifier
from sklearn_ecg.preprocessing import MaxNormalizer, Reshaper

X, y, patients = make_ecg_classification(n_samples=160, n_patients=20, random_state=0)
networks = {"LSTM": "lstm", "my own": dilated}
results = {}
for name, network in networks.items():
    classifier = LSTMClassifier(
        network=network,
        units=16,
        pooling="mean_max",
        epochs=12,
        learning_rate=0.01,
        random_state=0,
    )
    results[name] = cross_validate(
        make_pipeline(MaxNormalizer(), Reshaper(5), classifier),
        X,
        y,
        groups=patients,
        cv=GroupKFold(4),
        scoring="roc_auc",
        return_estimator=True,
    )

# %%
# Better, or by chance?
# ---------------------
# A line joins the scores of one fold. The folds differ by as much as the networks do, and not all
# lines rise. Twenty patients and one seed are too few to prefer a network. The losses on the right
# say something else: the convolutions need fewer epochs than the LSTM.

import matplotlib.pyplot as plt

fig, (left, right) = plt.subplots(1, 2, figsize=(9, 4), layout="constrained")
scores = np.array([result["test_score"] for result in results.values()])
left.plot(scores, "o-", alpha=0.7)
left.set_xticks(range(2), networks)
left.set(ylabel="ROC AUC on patients set aside", title="by fold")
for name, result in results.items():
    classifier = result["estimator"][0][-1]
    n_weights = classifier.network_.keras_model.count_params()
    print(f"{name}: {n_weights} weights, mean ROC AUC {result['test_score'].mean():.3f}")
    right.plot(range(1, 13), classifier.history_["loss"], label=name)
right.set(xlabel="epoch", ylabel="loss in training", title="first fold")
right.legend()
