"""Measure what a cluster of processes does with an archive and with a search, and what work costs.

Sections:

* `archive`: 10,000 small recordings in files, three of them bad, on two workers of Dask, one of
  which is killed when a third of the answers is there. All answers are compared with those of one
  process.
* `search`: 12 candidates in 3 folds by Dask, with one worker and with two, and the same network in
  a bare SciKeras classifier.
* `cost`: processor time for 1000 to 100,000 recordings in files, and for an epoch of training on as
  many rows, with the exponent of its growth. `--plot FILE` draws them.

Usage: python examples/benchmarks/scale.py [--only archive search cost] [--output DIR]
"""

import argparse
import os
import signal
import sys
import tempfile
import time
from pathlib import Path

import joblib
import numpy as np
from _measuring import markdown_table, write_results
from sklearn.model_selection import GridSearchCV, StratifiedKFold
from sklearn.pipeline import make_pipeline

from sklearn_ecg import (
    BandpassFilter,
    LSTMClassifier,
    MaxNormalizer,
    RecordReader,
    Reshaper,
    Segmenter,
    make_ecg,
    write_record,
)
from sklearn_ecg.persistence import save, to_onnx

ANSWERS = Path(__file__).parents[1] / "scale" / "answers.py"
FS, DURATION_S = 100, 10


def write_archive(folder, n_records, n_distinct=500):
    """Write distinct recordings, and links to them in as many folders as it takes."""
    first = folder / "0000"
    first.mkdir(parents=True)
    for i in range(min(n_records, n_distinct)):
        rhythm = ("sinus", "af")[i % 2]
        record = make_ecg(DURATION_S, fs=FS, rhythm=rhythm, leads=["II"], random_state=i)
        write_record(record, first / f"r{i:04}.hea")
    files = sorted(first.iterdir())
    paths = [str(path) for path in files if path.suffix == ".hea"]
    while len(paths) < n_records:
        more = folder / f"{len(paths) // n_distinct:04}"
        more.mkdir()
        for path in files:
            os.link(path, more / path.name)
        paths += [str(more / path.name) for path in files if path.suffix == ".hea"]
    return paths[:n_records]


def fit_and_save(paths, path):
    """Train a small network on some recordings, and save the pipeline without TensorFlow."""
    pipeline = make_pipeline(
        RecordReader(leads=["II"], fs=FS, duration_s=DURATION_S),
        BandpassFilter(),
        MaxNormalizer(),
        Segmenter(FS * 2),
        Reshaper(frame_length=10),
        LSTMClassifier(units=16, epochs=3, random_state=0),
    )
    y = np.arange(len(paths)) % 2
    save(to_onnx(pipeline.fit(paths, y)), path)
    return str(path)


def cluster_of(n_workers):
    from distributed import LocalCluster

    return LocalCluster(n_workers=n_workers, threads_per_worker=1, dashboard_address=":0")


def archive(options):
    """Classify an archive on two workers, of which one is killed; compare with one process."""
    import dask.bag
    from distributed import Client, as_completed

    sys.path.insert(0, str(ANSWERS.parent))
    import answers

    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        paths = write_archive(folder / "archive", options.records)
        model = fit_and_save(paths[:100], folder / "model.skecg")
        bad = [folder / name for name in ("empty.csv", "words.csv", "absent.csv")]
        bad[0].write_text("")
        bad[1].write_text("not,a\nrecording,here\n")
        for i, path in enumerate(bad):
            paths.insert((i + 1) * len(paths) // 4, str(path))
        start = time.process_time()
        parts = [paths[i : i + 100] for i in range(0, len(paths), 100)]
        alone = [answer for part in parts for answer in answers.classify(part, model)]
        alone_s = time.process_time() - start
        with cluster_of(2) as cluster, Client(cluster) as client:
            client.upload_file(str(ANSWERS))
            pids = list(client.run(os.getpid).values())
            start = time.perf_counter()
            bag = dask.bag.from_sequence(paths, partition_size=100)
            futures = client.compute(bag.map_partitions(answers.classify, model).to_delayed())
            for n_done, _ in enumerate(as_completed(futures), start=1):
                if n_done == len(futures) // 3:
                    os.kill(pids[0], signal.SIGKILL)
            found = [answer for part in client.gather(futures) for answer in part]
            wall_s = time.perf_counter() - start
            after = set(client.run(os.getpid).values())
            loads = client.run(count_loads)
    if found != alone:
        raise SystemExit("the answers of the cluster differ from those of one process")
    errors = [answer for answer in found if answer["error"] is not None]
    return {
        "records": len(found),
        "errors": len(errors),
        "alone_cpu_s": alone_s,
        "cluster_wall_s": wall_s,
        "worker_replaced": pids[0] not in after,
        "loads_of_the_model": list(loads.values()),
    }


def count_loads():
    import answers

    return answers.loaded.cache_info().misses


def search(arguments):
    """Search by one worker, by two, and with a bare SciKeras classifier."""
    from distributed import Client

    from sklearn_ecg import make_ecg_classification

    X, y, _ = make_ecg_classification(arguments.rows, duration_s=10, fs=100, random_state=0)
    X = Reshaper(frame_length=10).fit_transform(MaxNormalizer().fit_transform(X))
    y = (y == y[0]).astype(int)
    ours = LSTMClassifier(units=16, epochs=5, random_state=0)
    grid = {"learning_rate": [0.003, 0.01, 0.03], "batch_size": [16, 32, 64, 128]}
    its_grid = {"optimizer__learning_rate": grid["learning_rate"], "batch_size": grid["batch_size"]}
    # Named, because scikit-learn does not see that the estimator of SciKeras is a classifier.
    options = {"cv": StratifiedKFold(3), "scoring": "accuracy", "error_score": "raise"}
    searches = {
        "ours": GridSearchCV(ours, grid, refit=False, **options),
        "SciKeras": GridSearchCV(bare_scikeras(), its_grid, refit=False, **options),
    }
    taken, scores = {}, {}
    for name, n_workers in (("ours", 1), ("ours", 2), ("SciKeras", 2)):
        with cluster_of(n_workers) as cluster, Client(cluster) as client:
            client.run(warm_up)
            before = client.run(time.process_time)
            start = time.perf_counter()
            if n_workers == 1:  # joblib would not ask a single worker, but search in this process
                found = client.submit(searches[name].fit, X, y).result()
            else:
                with joblib.parallel_config("dask"):
                    found = searches[name].fit(X, y)
            wall_s = time.perf_counter() - start
            after = client.run(time.process_time)
            cpu_s = sum(after[worker] - before.get(worker, 0) for worker in after)
        taken[f"{name}, {n_workers} workers"] = {"wall_s": wall_s, "cpu_s": cpu_s}
        scores[name, n_workers] = found.cv_results_["mean_test_score"].tolist()
    return {"ways": taken, "same_scores": scores["ours", 1] == scores["ours", 2]}


def warm_up():
    """Import in a worker what all fits need."""
    X = np.zeros((4, 3))
    LSTMClassifier(units=2, epochs=1).fit(X, [0, 1, 0, 1]).predict(X)


def bare_scikeras():
    """Make the baseline: the same network in a plain SciKeras classifier, as Keras loops it."""
    from scikeras.wrappers import KerasClassifier

    def build():
        import keras

        return keras.Sequential(
            [
                keras.Input((100, 10)),
                keras.layers.LSTM(16, return_sequences=True),
                keras.layers.GlobalAveragePooling1D(),
                keras.layers.Dense(1, activation="sigmoid"),
            ]
        )

    options = {"loss": "binary_crossentropy", "optimizer": "adam", "verbose": 0}
    return KerasClassifier(build, epochs=5, random_state=0, **options)


def cost(options):
    """Measure files classified and rows trained on, for more and more of them."""
    sys.path.insert(0, str(ANSWERS.parent))
    import answers

    sizes = np.geomspace(options.largest / 100, options.largest, 5).round().astype(int).tolist()
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        paths = write_archive(folder / "archive", sizes[-1])
        model = fit_and_save(paths[:100], folder / "model.skecg")
        answers.classify(paths[:100], model)  # opens the graph

        def classify(n):
            for start in range(0, n, 100):
                answers.classify(paths[start : min(n, start + 100)], model)

        classified = [processor_time(classify, n) for n in sizes]
    X = np.random.default_rng(0).standard_normal((sizes[-1], 50, 10), dtype=np.float32)
    y = np.arange(len(X)) % 2
    network = LSTMClassifier(units=16, epochs=1, batch_size=128, random_state=0, warm_start=True)
    network.fit(X[:256], y[:256])
    trained = [processor_time(lambda n: network.fit(X[:n], y[:n]), n) for n in sizes]
    return {
        "sizes": sizes,
        "works": {
            "files classified": fitted(sizes, classified),
            "rows trained on for an epoch": fitted(sizes, trained),
        },
    }


def processor_time(function, n):
    start = time.process_time()
    function(n)
    return time.process_time() - start


def fitted(sizes, cpu_s):
    """Fit a power of the size to the times."""
    exponent, log_factor = np.polyfit(np.log(sizes), np.log(cpu_s), 1)
    rate = sizes[-1] / cpu_s[-1]
    return {
        "cpu_s": cpu_s,
        "exponent": float(exponent),
        "factor": float(np.exp(log_factor)),
        "a_second_and_core": rate,
        "core_hours_of_10_million": 1e7 / rate / 3600,
    }


def plot(result, path):
    """Draw the measured points and the powers that were fitted to them."""
    import matplotlib.pyplot as plt

    _, axes = plt.subplots(figsize=(6, 4), layout="constrained")
    sizes = np.array(result["sizes"])
    for name, work in result["works"].items():
        line = axes.loglog(sizes, work["factor"] * sizes ** work["exponent"], lw=1)[0]
        label = f"{name}: exponent {work['exponent']:.2f}"
        axes.loglog(sizes, work["cpu_s"], "o", color=line.get_color(), label=label)
    axes.set(xlabel="recordings, or rows", ylabel="processor time (s)")
    axes.legend(frameon=False)
    axes.grid(alpha=0.3)
    plt.savefig(path)


SECTIONS = {"archive": archive, "search": search, "cost": cost}


def as_text(name, result):
    """Lay out a section."""
    if name == "search":
        first = next(iter(result["ways"].values()))
        rows = [
            [way, f"{v['wall_s']:.1f}", f"{v['cpu_s']:.1f}", f"{first['wall_s'] / v['wall_s']:.2f}"]
            for way, v in result["ways"].items()
        ]
        table = markdown_table(["search of 12 x 3", "wall, s", "CPU, s", "times faster"], rows)
        return f"{table}\n\nsame scores with one and two workers: {result['same_scores']}"
    if name == "cost":
        rows = [
            [
                work,
                *(f"{seconds:.1f}" for seconds in v["cpu_s"]),
                f"{v['exponent']:.2f}",
                f"{v['a_second_and_core']:.0f}",
                f"{v['core_hours_of_10_million']:.1f}",
            ]
            for work, v in result["works"].items()
        ]
        columns = ["CPU, s", *(f"{n:,}" for n in result["sizes"])]
        columns += ["exponent", "a second and core", "core hours, 10 million"]
        return markdown_table(columns, rows)
    return markdown_table(["archive", ""], result.items())


def main():
    """Run the chosen sections."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--only", nargs="+", choices=SECTIONS, default=list(SECTIONS))
    parser.add_argument("--records", type=int, default=10_000, help="of the archive")
    parser.add_argument("--rows", type=int, default=900, help="of the search")
    parser.add_argument("--largest", type=int, default=100_000, help="of the cost")
    parser.add_argument("--plot", help="file for the picture of the cost")
    parser.add_argument("--output", help="folder for scale.json and scale.md")
    options = parser.parse_args()
    results, texts = {}, []
    for name in options.only:
        results[name] = SECTIONS[name](options)
        texts.append(f"## {name}\n\n{as_text(name, results[name])}\n")
        print(texts[-1], flush=True)
    if options.plot and "cost" in results:
        plot(results["cost"], options.plot)
    if options.output:
        write_results(options.output, "scale", {"sections": results}, "\n".join(texts))


if __name__ == "__main__":
    main()
