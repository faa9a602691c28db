"""Search 2 x 2 candidates in 3 folds, by one process and by two, with warnings as errors.

Usage: python examples/benchmarks/grid_search.py
"""

import os
import time
import warnings

import joblib
from sklearn.model_selection import GridSearchCV, StratifiedGroupKFold
from sklearn.pipeline import Pipeline

from sklearn_ecg.datasets import make_ecg_classification
from sklearn_ecg.neural_network import LSTMClassifier
from sklearn_ecg.preprocessing import MaxNormalizer, Reshaper, Segmenter


def threads_of_worker():
    """Return the number of threads of TensorFlow for one operation in a worker."""
    import tensorflow as tf

    return tf.config.threading.get_intra_op_parallelism_threads()


if __name__ == "__main__":
    os.environ["PYTHONWARNINGS"] = "error"  # for the workers
    warnings.simplefilter("error")
    X, y, groups = make_ecg_classification(n_samples=150, n_patients=15, random_state=0)
    pipeline = Pipeline(
        [
            ("segmenter", Segmenter(segment_length=500)),
            ("normalizer", MaxNormalizer()),
            ("reshaper", Reshaper(frame_length=20)),
            ("lstm", LSTMClassifier(bidirectional=True, epochs=20, pooling="max", random_state=0)),
        ]
    )
    grid = {"segmenter__segment_length": [250, 500], "lstm__units": [8, 16]}
    scores, seconds = {}, {}
    for n_jobs in (2, 1):
        start = time.perf_counter()
        search = GridSearchCV(
            pipeline, grid, cv=StratifiedGroupKFold(3), scoring="roc_auc", n_jobs=n_jobs
        )
        search.fit(X, y, groups=groups)
        seconds[n_jobs] = time.perf_counter() - start
        scores[n_jobs] = search.cv_results_["mean_test_score"].tolist()
        if n_jobs == 2:
            threads = joblib.Parallel(n_jobs=2)(joblib.delayed(threads_of_worker)() for _ in "ab")
            print(f"cores: {joblib.cpu_count()}; threads of TensorFlow in each worker: {threads}")
    print(f"n_jobs=1: {seconds[1]:.0f} s; n_jobs=2, workers started: {seconds[2]:.0f} s")
    print(f"ratio {seconds[2] / seconds[1]:.2f}; same scores: {scores[1] == scores[2]}")
