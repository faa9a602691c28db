"""
=========================================
Was this person in the training data?
=========================================

A network that has learnt its training data by heart tells whose data they were. Whoever holds a
recording and its label can ask the model, and see whether the answer is too good. This example
plays that attack on three networks: one trained for too long, one that stopped in time, and one
trained with differential privacy. The data are synthetic, and all of it takes some seconds.
"""

# %%
# Members and strangers
# ---------------------
# Each strip is of another person. The networks train on 1500 of them. One label in ten is wrong, as
# it may be in a hospital: to fit such a label, a network has to remember the strip.

import numpy as np
from sklearn.pipeline import make_pipeline

from sklearn_ecg.datasets import make_ecg_classification
from sklearn_ecg.preprocessing import MaxNormalizer, Reshaper

X, truth, people = make_ecg_classification(
    2500, classes=("normal", "pvc"), n_patients=2500, duration_s=4, fs=50, random_state=0
)
X = make_pipeline(MaxNormalizer(), Reshaper(frame_length=5)).fit_transform(X)
is_wrong = np.random.RandomState(0).uniform(size=len(X)) < 0.1
other = np.where(truth == "pvc", "normal", "pvc")
y = np.where(is_wrong, other, truth)
is_member = people < 1500
print(f"{is_member.sum()} members, {(~is_member).sum()} strangers")

# %%
# Three networks
# --------------
# With ``dp_l2_norm_clip`` and ``dp_noise_multiplier``, each step of training clips the gradient of
# each row, and adds noise to their sum. So no row can move the weights far. The seeds are fixed to
# draw the same figure each time; a model to be given away needs ``random_state=None``.

from sklearn_ecg.neural_network import LSTMClassifier

networks = {
    "trained for too long": LSTMClassifier(
        units=24,
        pooling="max",
        learning_rate=0.02,
        epochs=60,
        random_state=0,
    ),
    "stopped in time": LSTMClassifier(
        units=8,
        pooling="max",
        learning_rate=0.02,
        dropout=0.2,
        epochs=30,
        early_stopping=True,
        validation_fraction=0.2,
        random_state=0,
    ),
    "private": LSTMClassifier(
        units=8,
        pooling="max",
        learning_rate=0.03,
        epochs=15,
        batch_size=150,
        dp_l2_norm_clip=0.5,
        dp_noise_multiplier=1.2,
        random_state=0,
    ),
}
for network in networks.values():
    network.fit(X[is_member], y[is_member])

# %%
# The attack
# ----------
# The attacker takes a strip for a member if its loss is small. The area under the curve (AUC) says
# how well that works on average, and 0.5 is a guess. An attacker who names few people and wants to
# be right looks at the left end: the members that are found while 1 % of strangers are accused.

from sklearn.metrics import roc_auc_score, roc_curve

scores = {}
print(f"{'network':22}{'right':>7}{'AUC':>7}{'members found at 1 %':>23}")
for name, network in networks.items():
    label = np.searchsorted(network.classes_, y)
    scores[name] = network.predict_proba(X)[np.arange(len(X)), label]  # large where loss is small
    accused, found, _ = roc_curve(is_member, scores[name])
    right = (network.predict(X[~is_member]) == truth[~is_member]).mean()
    auc = roc_auc_score(is_member, scores[name])
    at_one_percent = found[np.searchsorted(accused, 0.01, side="right") - 1]
    print(f"{name:22}{right:7.3f}{auc:7.3f}{at_one_percent:23.3f}")

# %%
# The wrong labels give the first network away: it has learnt them, and a stranger's wrong label it
# does not know.

import matplotlib.pyplot as plt

figure, axes = plt.subplots(1, 2, figsize=(9, 4.2), layout="constrained")
for ax, rows, title in zip(
    axes, (slice(None), is_wrong), ("all strips", "strips with a wrong label"), strict=True
):
    for (name, score), style in zip(scores.items(), ("-", "--", "-."), strict=True):
        accused, found, _ = roc_curve(is_member[rows], score[rows])
        auc = roc_auc_score(is_member[rows], score[rows])
        ax.plot(accused, found, style, label=f"{name}, AUC {auc:.2f}")
    ax.plot([0, 1], [0, 1], color="0.7", lw=1, zorder=0)
    ax.set(title=title, aspect="equal")
    ax.set(xlabel="share of strangers accused", ylabel="share of members found")
    ax.legend(loc="lower right", frameon=False)

# %%
# What the guarantee says
# -----------------------
# These curves are of one attack; a cleverer one finds more. Differential privacy bounds them all:
# with epsilon and delta, no attack finds more than ``exp(epsilon) * accused + delta`` of the
# members. ``networks["private"].epsilon(delta=1e-4)`` returns that epsilon (extra ``privacy``).
# With 1500 rows it is 5.3, which promises little. More rows make it smaller, or the network better.

print(networks["private"].dp_history_)
