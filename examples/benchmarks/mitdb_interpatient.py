"""Classify the beats of the MIT-BIH Arrhythmia Database in patients never seen.

Without --test: cross-validation within DS1, five folds by patient. With --test: train on DS1 and
score DS2 once. Nothing is chosen here: all settings were chosen by cross-validation within DS1,
those of the networks of rhythm and of the simulated rhythms also on people of the Long-Term AF
Database.

A row is a beat among its neighbours, described by when it came, how irregular the rhythm is and how
the beat differs from what is usual in its recording. That looks at the whole recording; --causal
compares with the past only and waits for one more beat. Four of eight LSTM networks see the real
beats only, as baselines do. The others see the first lead alone, are also trained on simulated
rhythms and fusion beats, made of the beats of the same patients, and advise the first four about
all classes but V.

By default nothing but DS1 is used. With --extra-rhythms two more networks advise these about N and
S. They see intervals alone, and have learnt from the annotations of other people's days
(Long-Term AF Database, in DIR/ltafdb; no signals are needed). The two protocols are not to be mixed
in a comparison.

Usage: python examples/benchmarks/mitdb_interpatient.py --data-home DIR --seeds 3 [--test]
           [--extra-rhythms]
"""

import argparse
import time
from functools import partial

import ltafdb_rhythm
import numpy as np
import sklearn
from _measuring import (
    markdown_table,
    peak_memory_gb,
    timed_fit_predict,
    without_uninstalled,
    write_results,
)
from sklearn.base import clone
from sklearn.ensemble import RandomForestClassifier, VotingClassifier
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, MaxAbsScaler
from sklearn.utils import Bunch

from sklearn_ecg import AdvisedClassifier, LSTMClassifier, MaxNormalizer, Reshaper, fetch_mitdb
from sklearn_ecg.beats import beat_feature_names, extract_beats, simulate_fusions, simulate_rhythms
from sklearn_ecg.metrics import (
    beat_classification_report,
    beat_macro_f1,
    bootstrap_interval,
    match_beat_labels,
)
from sklearn_ecg.model_selection import MITDB_DS1, MITDB_DS2

CLASSES = "NSVF"
LEADS = ("MLII", ("V1", "V5", "V2", "V4"))
FEATURES = ("rhythm", "irregularity", "deviation")  # networks of days see the first
N_NEIGHBOURS = 8  # on either side
N_NETWORKS = 4  # of each kind; with two, seeds differ more
RHYTHMS = ("few", "many", "runs", "most", "arrhythmia", "pauses", "fibrillation")


def lstm(seed, rhythms=()):
    """Let networks that learn from other people's days advise those that learn from DS1.

    Each of these advisers has learnt from one draw of rows of these days. It sees nothing but
    intervals, and has a say in what is N and what is S.
    """
    model = networks_of_ds1(seed)
    if not rhythms:
        return model
    return AdvisedClassifier(
        model,
        ltafdb_rhythm.rhythm_networks(rhythms, seed),
        between=["N", "S"],
        weight=0.4,
        columns=slice(8),  # the features of rhythm come first
    )


def networks_of_ds1(seed):
    """Let LSTM networks on all rows advise those on real beats about all classes but V.

    The latter take `is_real`, 0 for simulated rows, as weights: rows without weight are left out.
    """
    settings = {
        "conv_filters": (64,),  # of one step and without pooling: a dense layer on each beat
        "conv_kernel_size": 1,
        "conv_pool_size": 1,
        "units": 48,
        "bidirectional": True,
        "pooling": "middle",
        "dropout": 0.3,
        "input_noise": 0.5,
        "optimizer": "adamw",
        "weight_decay": 0.01,
        "learning_rate": 0.002,
        "learning_rate_schedule": "cosine",
        "epochs": 8,
        "batch_size": 256,
    }
    # VotingClassifier numbers the classes in alphabetical order: F, N, S, V. The adviser learns
    # from rows of the first three alone.
    on_real = LSTMClassifier(**settings, class_weight={0: 3, 1: 1, 2: 1, 3: 2})
    on_real.set_fit_request(sample_weight="is_real")
    on_all = LSTMClassifier(**settings, class_weight={0: 2, 1: 1, 2: 1})
    # The second lead is one in some people and another in others: shapes in it mean less.
    in_second_lead = np.char.endswith(beat_feature_names(FEATURES, n_leads=len(LEADS)), "_1")
    return AdvisedClassifier(
        several(on_real, seed),
        several(on_all, seed),
        between=["F", "N", "S"],
        weight=0.8,
        columns=np.flatnonzero(~in_second_lead),
    )


def several(network, seed):
    """Average the probabilities of such networks, which differ by their seed."""
    members = []
    for i in range(N_NETWORKS * seed, N_NETWORKS * (seed + 1)):
        members.append((f"seed {i}", clone(network).set_params(random_state=i)))
    return VotingClassifier(members, voting="soft", n_jobs=2)


def forest(seed):
    """Random forest on the intervals and shapes of a beat and its neighbours."""
    trees = RandomForestClassifier(
        100, min_samples_leaf=5, class_weight="balanced_subsample", n_jobs=2, random_state=seed
    )
    return make_pipeline(FunctionTransformer(as_table), trees)


def as_table(rows):
    """Put the features of a beat and its neighbours side by side."""
    return rows.reshape(len(rows), -1)


def minirocket(seed):
    """MiniRocket on 2 s of both leads around the beat, and logistic regression by descent."""
    from aeon.transformations.collection.convolution_based import MiniRocket
    from sklearn.linear_model import SGDClassifier

    linear = SGDClassifier(loss="log_loss", alpha=1e-4, n_jobs=2, random_state=seed)
    return make_pipeline(
        FunctionTransformer(leads_first),
        MiniRocket(n_jobs=2, random_state=seed),
        MaxAbsScaler(),
        linear,
    )


def leads_first(windows):
    """Put leads before time."""
    return np.ascontiguousarray(windows.swapaxes(1, 2))


def article(seed):
    """Build the article's network on single beats: 0.7 s of MLII, four time steps a step.

    One time step a step and its 100 epochs would take days; this is 5 epochs.
    """
    network = LSTMClassifier(
        units=(50, 50),
        activation="relu",
        pooling="last",
        epochs=5,
        batch_size=128,
        random_state=seed,
    )
    return make_pipeline(
        FunctionTransformer(one_beat), MaxNormalizer(), Reshaper(frame_length=4), network
    )


def one_beat(windows):
    """Narrow windows of 2 s to the beat in MLII, from 0.25 s before to 0.45 s after it."""
    middle = windows.shape[1] // 2
    return windows[:, middle - 30 : middle + 54, :1]


# Each model, and whether it sees windows of the signal in place of described beats.
MODELS = {"lstm": (lstm, False), "forest": (forest, False)}
MODELS |= {"minirocket": (minirocket, True), "article": (article, True)}


def read(data_home, names):
    """Read records with their annotations, after the database's own checks."""
    return fetch_mitdb(
        data_home, record_names=names, rows="records", leads=LEADS, download_if_missing=False
    ).data


def make_rows(records, causal, beats="annotations"):
    """Make a row of each beat among its neighbours."""
    return extract_beats(records, beats=beats, **what_is_in_a_row(causal))


def what_is_in_a_row(causal):
    """Name the leads and the features, and say how many neighbours there are."""
    return {
        "leads": LEADS,
        "features": FEATURES,
        "n_before": N_NEIGHBOURS,
        "n_after": 1 if causal else N_NEIGHBOURS,
        "causal": causal,
    }


def simulate(records, causal):
    """Make rows of what few patients have: many early beats, fibrillation, fusion beats."""
    makers = (partial(simulate_rhythms, rhythms=RHYTHMS, n_draws=6), simulate_fusions)
    rows = [make(records, random_state=0, **what_is_in_a_row(causal)) for make in makers]
    return Bunch(
        **{
            key: np.concatenate([each[key] for each in rows])
            for key in ("data", "target", "groups")
        }
    )


def make_windows(records, rows):
    """Cut 2 s of both leads around each beat, at 120 Hz."""
    windows = []
    for record in records:
        signal = np.pad(record.leads(LEADS), ((360, 360), (0, 0)), mode="edge")
        beats = rows.time_steps[rows.records == record.name]
        windows.append(signal[beats[:, None] + np.arange(0, 720, 3)])
    return np.concatenate(windows)


def splits(rows, n_folds=5):
    """Split beats by patient; unclassifiable ones (Q) are scored, never trained on."""
    folds = StratifiedGroupKFold(n_folds, shuffle=True, random_state=0)
    for train, test in folds.split(rows.data, rows.target, rows.groups):
        yield train[rows.target[train] != "Q"], test


def cross_validate(model, X, rows, simulated):
    """Predict each beat by a model that has not seen its patient; return the models, too."""
    y_pred = np.empty_like(rows.target)
    times, fitted = [], {}
    for train, test in splits(rows):
        of_fold = clone(model)
        y_pred[test], *seconds = timed_fit_predict(
            of_fold, **to_train_on(X, rows, train, simulated), X_test=X[test]
        )
        times.append(seconds)
        fitted |= dict.fromkeys(rows.records[test], of_fold)
    return y_pred, *np.median(times, axis=0).tolist(), fitted


def train_and_test(model, X, rows, simulated, X_test, scored):
    """Train on DS1, predict DS2; return the model of each record, too."""
    known = np.flatnonzero(rows.target != "Q")
    fitted = clone(model)
    results = timed_fit_predict(fitted, **to_train_on(X, rows, known, simulated), X_test=X_test)
    return *results, dict.fromkeys(scored.records, fitted)


def to_train_on(X, rows, train, simulated):
    """Take the rows to train on, and the simulated ones of the same patients, for `fit`."""
    X, y = X[train], rows.target[train]
    if simulated is None:
        return {"X": X, "y": y}
    same = np.isin(simulated.groups, rows.groups[train])
    return {
        "X": np.concatenate([X, simulated.data[same]]),
        "y": np.concatenate([y, simulated.target[same]]),
        "is_real": np.repeat([1, 0], [len(y), same.sum()]),
    }


def label_detected(fitted, records, causal):
    """Classify beats that the library's own detector found, and pair them with those annotated.

    The beats of each record are classified by the model that is for it.
    """
    y_true, y_pred, time_s, names = [], [], [], []
    for record in records:
        reference = make_rows(record, causal)
        detected = make_rows(record, causal, beats="detected")
        labels = match_beat_labels(
            reference.time_steps,
            reference.target,
            detected.time_steps,
            fitted[record.name].predict(detected.data),
            fs=record.fs,
            flutter=record.flutter,
        )
        y_true.append(labels[0])
        y_pred.append(labels[1])
        time_s.append(labels[2] / record.fs)
        names.append(np.repeat(record.name, len(labels[0])))
    return {
        "y_true": np.concatenate(y_true),
        "y_pred": np.concatenate(y_pred),
        "records": np.concatenate(names),
        "time_s": np.concatenate(time_s),
    }


def main():
    """Score each model with each seed."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data-home", required=True, help="folder with the database")
    parser.add_argument("--seeds", type=int, default=3, help="how many seeds")
    parser.add_argument("--test", action="store_true", help="train on DS1 and score DS2, once")
    parser.add_argument("--causal", action="store_true", help="compare with earlier beats only")
    parser.add_argument(
        "--extra-rhythms", action="store_true", help="learn from the days of ltafdb too"
    )
    parser.add_argument("--models", nargs="+", choices=MODELS, default=list(MODELS))
    parser.add_argument("--output", default="results", help="folder for the results")
    options = parser.parse_args()
    names = without_uninstalled(options.models, {"minirocket": "aeon"}, "model")
    sklearn.set_config(enable_metadata_routing=True)  # `is_real`, to those networks that ask for it

    records = read(options.data_home, MITDB_DS1)
    rows = scored = make_rows(records, options.causal)
    if options.test:
        test_records = read(options.data_home, MITDB_DS2)
        scored = make_rows(test_records, options.causal)
    what = "DS1 to DS2" if options.test else "within DS1, 5 folds by patient"
    stem = f"mitdb_{'ds2' if options.test else 'ds1'}{'_causal' if options.causal else ''}"
    rhythms = []
    if options.extra_rhythms:
        rhythms = rhythms_of_days(options)
        n_people = len(np.unique(rhythms[0].people))
        what += f", with rhythms of {n_people} people of the Long-Term AF Database"
        stem += "_extra_rhythms"
    runs, texts = [], []
    for name in names:
        make, sees_windows = MODELS[name]
        X = make_windows(records, rows) if sees_windows else rows.data
        if options.test:
            X_test = make_windows(test_records, scored) if sees_windows else scored.data
        simulated = None
        if name == "lstm":
            simulated = simulate(records, options.causal)
        for seed in range(options.seeds):
            start = time.perf_counter()
            model = make(seed, rhythms) if name == "lstm" else make(seed)
            adviser_s = time.perf_counter() - start
            if options.test:
                results = train_and_test(model, X, rows, simulated, X_test, scored)
            else:
                results = cross_validate(model, X, rows, simulated)
            y_pred, fit_s, predict_s, fitted = results
            fit_s += adviser_s
            run = score(name, seed, scored, y_pred)
            run |= {"fit_s": fit_s, "predict_s": predict_s, "peak_memory_gb": peak_memory_gb()}
            if name == "lstm":
                held_out = test_records if options.test else records
                labels = {
                    "annotated": {
                        "y_true": scored.target,
                        "y_pred": y_pred,
                        "records": scored.records,
                        "time_s": scored.time_s,
                    },
                    "detected": label_detected(fitted, held_out, options.causal),
                }
                run["ec57"] = {
                    kind: beat_classification_report(**each, counting="ec57", output_dict=True)
                    for kind, each in labels.items()
                }
            runs.append(run)
            print(f"{name}, seed {seed}: {figures(run)}, {fit_s:.0f} s a fit", flush=True)
            if seed == 0:
                report = beat_classification_report(scored.target, y_pred, records=scored.records)
                texts.append(f"{name}, seed 0:\n\n```\n{report}\n```\n\n{by_record(run)}")
                if name == "lstm":
                    texts.append(ec57_as_text(labels, options))
        # After each model, so that hours are not lost to a later failure.
        text = "\n\n".join(
            [f"MIT-BIH, {what}, {options.seeds} seed(s).", as_markdown(runs), *texts]
        )
        write_results(options.output, stem, {"runs": runs}, text)
    print(text)
    print(f"\nwritten to {options.output}/{stem}.json and .md")


def score(name, seed, scored, y_pred):
    """Compute all figures of one run."""
    y_true, records = scored.target, scored.records
    results = beat_classification_report(y_true, y_pred, records=records, output_dict=True)
    interval = bootstrap_interval(
        beat_macro_f1, y_true, y_pred, groups=scored.groups, random_state=0
    )
    each = {}
    for record in dict.fromkeys(records):
        mine = records == record
        each[str(record)] = {
            label: [
                int(np.sum(y_true[mine] == label)),
                int(np.sum((y_true[mine] == label) & (y_pred[mine] == label))),
                int(np.sum((y_true[mine] != label) & (y_pred[mine] == label))),
            ]
            for label in CLASSES
        }
    return {
        "model": name,
        "seed": seed,
        **results,
        "macro_f1_interval": [interval.low, interval.high],
        "by_record": each,
    }


def figures(run):
    """Write the four figures of a run in one line."""
    gross = run["gross"]
    return (
        f"accuracy {run['accuracy']:.4f}, S F1 {gross['S']['f1']:.3f}, "
        f"V F1 {gross['V']['f1']:.3f}, macro F1 {run['macro_f1']:.3f}"
    )


def as_markdown(runs):
    """Lay out means over seeds."""
    rows = []
    for model in dict.fromkeys(run["model"] for run in runs):
        of_model = [run for run in runs if run["model"] == model]
        f1 = {label: [run["gross"][label]["f1"] for run in of_model] for label in CLASSES}
        low, high = np.mean([run["macro_f1_interval"] for run in of_model], axis=0)
        rows.append(
            [
                model,
                f"{np.mean([run['accuracy'] for run in of_model]):.4f}",
                *(f"{np.nanmean(f1[label]):.3f} ± {np.nanstd(f1[label]):.3f}" for label in CLASSES),
                f"{np.mean([run['macro_f1'] for run in of_model]):.3f} ({low:.2f} to {high:.2f})",
                f"{np.mean([run['kappa'] for run in of_model]):.3f}",
                f"{np.mean([run['jk_index'] for run in of_model]):.3f}",
                f"{np.median([run['fit_s'] for run in of_model]):.0f}",
                f"{np.median([run['predict_s'] for run in of_model]):.0f}",
                f"{max(run['peak_memory_gb'] for run in of_model):.1f}",
            ]
        )
    columns = ["model", "accuracy", *(f"F1 {label}" for label in CLASSES)]
    columns += ["macro F1 (95 % over patients)", "kappa", "jk", "fit, s", "predict, s"]
    return markdown_table([*columns, "peak memory so far, GB, without workers"], rows)


def by_record(run):
    """Lay out the beats of each record: how many, how many found, how many falsely so."""
    rows = [
        [record, *("{} / {} / {}".format(*counts[label]) for label in CLASSES)]
        for record, counts in run["by_record"].items()
    ]
    columns = ["record", *(f"{label}: beats / found / false" for label in CLASSES)]
    return markdown_table(columns, rows)


def rhythms_of_days(options):
    """Draw rows of the rhythms of the Long-Term AF Database, real and simulated."""
    if options.causal:
        raise SystemExit("--extra-rhythms compares with later beats too: leave --causal out.")
    people = ltafdb_rhythm.read(options.data_home)
    return ltafdb_rhythm.draws_of_days(people, N_NEIGHBOURS)


def ec57_as_text(labels, options):
    """Report by EC57 on beats that the library's own detector found, beside the annotated ones."""
    where = "DS2" if options.test else "DS1, all folds,"
    return "\n\n".join(
        f"{kind.capitalize()} beats of {where} by EC57, lstm, seed 0:\n\n```\n"
        f"{beat_classification_report(**each, counting='ec57')}\n```"
        for kind, each in labels.items()
    )


if __name__ == "__main__":
    main()
