"""Measure how often conformal sets of classes hold the right one, in patients never seen.

Synthetic strips, dense and ragged: a pipeline is fitted on some patients, conformalized by MAPIE on
one strip of each of 400 others, and measured on one strip of each of 500 more.

With --data-home, beats of DS1 of the MIT-BIH Arrhythmia Database: a random forest predicts the
beats of each fold of patients from those of the others. For each patient in turn, these
probabilities are conformalized on the other patients, once with one beat of each and once with all
of their beats, and measured on all beats of this one. Beats of one patient are alike, so the second
way promises nothing for a new patient. Both are done for all classes together, and for each class
by itself, so that the sets hold each class with the chosen probability.

Needs MAPIE 1.6 or newer: pip install "mapie>=1.6"

Usage: python examples/benchmarks/conformal_coverage.py [--data-home DIR] [--draws 10]
           [--output results]
"""

import argparse
import sys
import warnings
from itertools import product

import numpy as np
from _measuring import markdown_table, write_results
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.pipeline import make_pipeline

from sklearn_ecg import (
    LogSpectrogram,
    SegmentedClassifier,
    Segmenter,
    extract_beats,
    fetch_mitdb,
)
from sklearn_ecg.datasets import make_ecg_classification
from sklearn_ecg.model_selection import MITDB_DS1

try:
    from mapie.classification import SplitConformalClassifier
except ImportError:
    sys.exit('This program needs MAPIE 1.6 or newer: pip install "mapie>=1.6"')

NOMINAL = 0.9
# One beat of each patient need not hold a beat of each class.
warnings.filterwarnings("ignore", message=".*your conformalization dataset has less labels")


class AsGiven(ClassifierMixin, BaseEstimator):
    """Take probabilities as rows, and return them."""

    def fit(self, X, y):
        self.classes_ = np.arange(X.shape[1])
        return self

    def predict_proba(self, X):
        return X

    def predict(self, X):
        return X.argmax(axis=1)


def sets_of(classifier, X_calibration, y_calibration, X):
    """Return which classes are in the set of each row."""
    conformal = SplitConformalClassifier(classifier, confidence_level=NOMINAL, prefit=True)
    conformal.conformalize(X_calibration, y_calibration)
    return conformal.predict_set(X)[1][:, :, 0]


def sets_by_class(known, y_known, new):
    """Return which classes are in the set of each row, if each class is conformalized by itself.

    A class is in the set if its probability reaches what the wanted share of its rows reach.
    """
    sets = np.ones(new.shape, dtype=bool)
    for number, probabilities in enumerate(known.T):
        of_class = np.sort(probabilities[y_known == number])
        rank = int(round((1 - NOMINAL) * (len(of_class) + 1), 9))
        if rank:  # of fewer than nine rows of a class, each set must name it
            sets[:, number] = new[:, number] >= of_class[rank - 1]
    return sets


def synthetic(n_draws):
    """Measure the coverage of dense and ragged rows with each draw of patients and strips."""
    found = {"dense": [], "ragged": []}
    for seed in range(n_draws):
        X, y, groups = make_ecg_classification(
            2000, n_patients=1000, duration_s=4, fs=50, random_state=seed
        )
        y = (y == "normal").astype(int)
        rng = np.random.RandomState(seed)
        one_of_each = np.array([rng.choice(np.flatnonzero(groups == each)) for each in range(1000)])
        calibration, test = one_of_each[100:500], one_of_each[500:]
        for form, results in found.items():
            rows = X if form == "dense" else [row[: rng.randint(100, 201)] for row in X]

            def take(chosen, rows=rows, form=form):
                return rows[chosen] if form == "dense" else [rows[i] for i in chosen]

            spectra = make_pipeline(Segmenter(100, tail="drop"), LogSpectrogram(50))
            classifier = SegmentedClassifier(spectra, LogisticRegression(max_iter=1000))
            train = np.flatnonzero(groups < 100)
            classifier.fit(take(train), y[train])
            sets = sets_of(classifier, take(calibration), y[calibration], take(test))
            results.append([sets[np.arange(len(test)), y[test]].mean(), sets.sum(axis=1).mean()])
    return [
        {
            "rows": form,
            "coverage": float(np.mean(results, axis=0)[0]),
            "sd": float(np.std(results, axis=0)[0]),
            "size": float(np.mean(results, axis=0)[1]),
        }
        for form, results in found.items()
    ]


def probabilities_of_beats(data_home):
    """Predict the beats of each fold of patients from those of the others."""
    records = fetch_mitdb(
        data_home, record_names=MITDB_DS1, rows="records", leads=["MLII"], download_if_missing=False
    ).data
    rows = extract_beats(records, leads=["MLII"], beats="annotations", n_before=2, n_after=2)
    known = np.isin(rows.target, list("NSVF"))
    X, groups = rows.data[known].reshape(known.sum(), -1), rows.groups[known]
    classes, y = np.unique(rows.target[known], return_inverse=True)
    probabilities = np.empty((len(y), len(classes)))
    for train, test in StratifiedGroupKFold(5, shuffle=True, random_state=0).split(X, y, groups):
        forest = RandomForestClassifier(
            60,
            min_samples_leaf=5,
            max_samples=0.3,
            class_weight="balanced_subsample",
            random_state=0,
        )
        probabilities[test] = forest.fit(X[train], y[train]).predict_proba(X[test])
    return probabilities, y, groups, classes


def real_beats(data_home, n_draws):
    """Measure the coverage of each patient's beats with sets from the other patients.

    The coverage of a class is a mean over the patients who have it, and over its beats.
    """
    probabilities, y, groups, classes = probabilities_of_beats(data_home)
    rng = np.random.RandomState(0)
    as_given = AsGiven().fit(probabilities, y)
    patients = np.unique(groups)
    rows = []
    for calibrated_on, promised in product(("one beat of each", "all beats"), ("all", "each")):
        in_set, size = np.zeros(len(y)), np.zeros(len(y))
        draws = n_draws if calibrated_on == "one beat of each" else 1
        for patient in patients:
            own, others = groups == patient, np.flatnonzero(groups != patient)
            for _ in range(draws):
                chosen = others
                if draws > 1:
                    chosen = rng.permutation(others)
                    units = [groups[chosen]] if promised == "all" else [groups[chosen], y[chosen]]
                    chosen = chosen[np.unique(units, axis=1, return_index=True)[1]]
                if promised == "all":
                    sets = sets_of(as_given, probabilities[chosen], y[chosen], probabilities[own])
                else:
                    sets = sets_by_class(probabilities[chosen], y[chosen], probabilities[own])
                in_set[own] += sets[np.arange(own.sum()), y[own]] / draws
                size[own] += sets.sum(axis=1) / draws
        of_patients = [in_set[groups == patient].mean() for patient in patients]
        rows.append(
            {
                "calibrated on": calibrated_on,
                "classes": promised,
                "coverage": float(np.mean(of_patients)),
                "worst patient": float(np.min(of_patients)),
                "size": float(np.mean([size[groups == patient].mean() for patient in patients])),
                **{
                    str(each): mean_of_patients(in_set, y == number, groups)
                    for number, each in enumerate(classes)
                },
                **{
                    f"{each}, beats": float(in_set[y == number].mean())
                    for number, each in enumerate(classes)
                },
            }
        )
    return rows


def mean_of_patients(in_set, of_class, groups):
    """Return the mean over patients of how often the set holds a class."""
    patients = np.unique(groups[of_class])
    return float(np.mean([in_set[of_class & (groups == patient)].mean() for patient in patients]))


def as_table(rows):
    """Lay out results of equal columns."""
    cells = [[v if isinstance(v, str) else f"{v:.3f}" for v in row.values()] for row in rows]
    return markdown_table(list(rows[0]), cells)


def main():
    """Measure on synthetic strips, and on beats of DS1 if there are any."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data-home", help="folder with mitdb/")
    parser.add_argument("--draws", type=int, default=10, help="how many draws")
    parser.add_argument("--output", default="results", help="folder for the results")
    options = parser.parse_args()
    results = {"synthetic": synthetic(options.draws)}
    print(as_table(results["synthetic"]), flush=True)
    if options.data_home:
        results["DS1"] = real_beats(options.data_home, options.draws)
    text = "\n\n".join(f"{data}:\n\n{as_table(rows)}" for data, rows in results.items())
    write_results(options.output, "conformal_coverage", results, text)
    print(text)


if __name__ == "__main__":
    main()
