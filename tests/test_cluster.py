"""Clusters of Dask, Ray and Spark run searches, readers and saved pipelines unchanged.

A worker is killed in the middle of the work, by itself, which is how the kernel's memory killer
looks to the others. Each cluster is a real one, of two processes on this machine.
"""

import gc
import importlib
import os
import shutil
import signal
import sys
import warnings
from pathlib import Path

import joblib
import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, GroupKFold, cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from sklearn_ecg.compose import SegmentedClassifier
from sklearn_ecg.datasets import RecordReader, load_records, make_ecg, write_record
from sklearn_ecg.persistence import save
from sklearn_ecg.preprocessing import Reshaper, Segmenter

EXAMPLE = Path(__file__).parents[1] / "examples" / "scale"


@pytest.fixture(scope="module")
def dask_client():
    """A cluster of two processes of one thread."""
    distributed = pytest.importorskip("distributed")
    options = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": ":0"}
    with distributed.LocalCluster(**options) as cluster, distributed.Client(cluster) as client:
        client.upload_file(str(EXAMPLE / "answers.py"))
        yield client


@pytest.fixture(scope="module")
def ray():
    """A cluster of two processes."""
    ray = pytest.importorskip("ray")
    from ray.util.joblib import register_ray

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_AUTH_MODE", "disabled")
        environment = {"PYTHONPATH": os.pathsep.join([str(EXAMPLE), *filter(None, sys.path)])}
        ray.init(
            num_cpus=2,
            include_dashboard=False,
            log_to_driver=False,
            runtime_env={"env_vars": environment},
        )
        register_ray()
        yield ray
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)  # Ray leaves its processes to end
            ray.shutdown()
            gc.collect()


@pytest.fixture(scope="module")
def spark():
    """Two processes of Spark, which does a task again whose worker died."""
    joblibspark = pytest.importorskip("joblibspark")
    if shutil.which("java") is None:
        pytest.skip("Spark needs Java")
    from pyspark.sql import SparkSession

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYSPARK_PYTHON", sys.executable)
        session = SparkSession.builder.master("local[2, 4]").config("spark.ui.enabled", "false")
        session = session.getOrCreate()
        joblibspark.register_spark()
        yield session
        session.stop()


# What joblibspark 0.6 says of Spark's local mode, of its own use of joblib 1.6, and of tags.
_OF_SPARK = pytest.mark.filterwarnings(
    "ignore:Spark local mode:UserWarning",
    "ignore:`apply_async` is deprecated:DeprecationWarning",
    "ignore:Spark session is not provided:UserWarning",
    "ignore:PySpark does not yet fully support pandas:FutureWarning",
)


@pytest.fixture(params=["dask", "ray", pytest.param("spark", marks=_OF_SPARK)])
def backend(request):
    """Backends of joblib, ready for `parallel_config`."""
    if request.param == "dask":
        request.getfixturevalue("dask_client")
        return {"backend": "dask"}
    if request.param == "spark":
        request.getfixturevalue("spark")
        return {"backend": "spark", "n_jobs": 2}
    request.getfixturevalue("ray")
    restarts = {"max_restarts": 3, "max_task_retries": 3}
    return {"backend": "ray", "n_jobs": -1, "ray_remote_args": restarts}


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    """Twelve small recordings of six patients: folder, paths, labels and patients."""
    folder = tmp_path_factory.mktemp("archive")
    paths = []
    for i in range(12):
        rhythm = ("sinus", "af")[i % 2]
        record = make_ecg(4, fs=100, rhythm=rhythm, leads=["II"], random_state=i)
        paths.append(str(write_record(record, folder / f"r{i:02}.csv")))
    return folder, paths, np.tile(["sinus", "af"], 6), np.arange(12) // 2


def once_in_a_worker(marker):
    """Make a function that kills the first worker process that calls it."""
    starter = os.getpid()

    def die_once():
        if os.getpid() == starter:
            return
        try:
            marker.touch(exist_ok=False)
        except FileExistsError:
            return
        os.kill(os.getpid(), signal.SIGKILL)

    return die_once


def small_pipeline(*steps):
    classifier = SegmentedClassifier(Segmenter(100), LogisticRegression())
    return make_pipeline(RecordReader(leads=["II"], fs=100, duration_s=4), *steps, classifier)


def test_search_loses_nothing_with_a_killed_worker(backend, archive, tmp_path):
    """A search over paths finds the scores of the serial one."""
    _, paths, y, groups = archive
    marker = tmp_path / "killed"
    die_once = once_in_a_worker(marker)

    def pass_on(signals):
        die_once()
        return signals

    pipeline = small_pipeline(FunctionTransformer(pass_on))
    grid = {
        "segmentedclassifier__segmenter__segment_length": [50, 100],
        "segmentedclassifier__estimator__C": [0.1, 1.0],
    }
    search = GridSearchCV(pipeline, grid, cv=GroupKFold(3), error_score="raise")
    serial = search.fit(paths, y, groups=groups).cv_results_["mean_test_score"]
    with joblib.parallel_config(**backend):
        spread = search.fit(paths, y, groups=groups).cv_results_["mean_test_score"]
    assert marker.exists()
    np.testing.assert_array_equal(spread, serial)


def test_networks_are_cross_validated_by_workers(backend, strips, tiny):
    """Networks that are trained in workers have the scores of those trained here."""
    X, y, groups = strips
    pipeline = make_pipeline(Reshaper(frame_length=20), tiny())
    options = {"groups": groups, "cv": GroupKFold(2), "scoring": "neg_log_loss"}
    serial = cross_validate(pipeline, X, y, **options)["test_score"]
    with joblib.parallel_config(**backend):
        spread = cross_validate(pipeline, X, y, **options)["test_score"]
    np.testing.assert_array_equal(spread, serial)


def test_records_are_loaded_by_workers(backend, archive, tmp_path):
    """Rows keep their order, and bad files are listed."""
    _, paths, *_ = archive
    bad = tmp_path / "bad.csv"
    bad.write_text("not a recording\n")
    paths = [*paths[:5], str(bad), *paths[5:]]
    options = {"leads": ["II"], "on_error": "skip"}
    serial = load_records(paths, **options)
    with joblib.parallel_config(**backend):
        spread = load_records(paths, **options)
    np.testing.assert_array_equal(spread.data, serial.data)
    assert spread.sources == serial.sources
    assert [path for path, _ in spread.skipped] == [str(bad)]


@pytest.fixture(scope="module")
def saved(archive, tmp_path_factory):
    """The file of a fitted pipeline, paths with three bad ones, and the answers for the good."""
    _, paths, y, _ = archive
    folder = tmp_path_factory.mktemp("saved")
    pipeline = small_pipeline().fit(paths, y)
    save(pipeline, folder / "model.skecg")
    (folder / "empty.csv").write_text("")
    (folder / "words.csv").write_text("a,b\nc,d\n")
    bad = [str(folder / name) for name in ("empty.csv", "words.csv", "absent.csv")]
    expected = dict(zip(paths, pipeline.predict_proba(paths).tolist(), strict=True))
    return str(folder / "model.skecg"), [*paths[:4], *bad, *paths[4:]], expected


def check_whole(answers, paths, expected):
    """Check that there is one answer for each file, in order, and a reason for each bad one."""
    assert [answer["path"] for answer in answers] == paths
    for answer in answers:
        if answer["path"] in expected:
            assert answer["error"] is None
            np.testing.assert_allclose(answer["probabilities"], expected[answer["path"]])
        else:
            assert answer["probabilities"] is None
            assert Path(answer["path"]).name in answer["error"]


def test_file_that_needs_an_extra_gets_the_reason(saved, tmp_path, monkeypatch):
    """One file of DICOM in a million would end the work."""
    monkeypatch.syspath_prepend(EXAMPLE)
    monkeypatch.setitem(sys.modules, "pydicom", None)
    (tmp_path / "a.dcm").write_bytes(bytes(128) + b"DICM" + bytes(100))
    model, paths, expected = saved
    paths = [str(tmp_path / "a.dcm"), *paths[:2]]
    found = importlib.import_module("answers").classify(paths, model)
    check_whole(found, paths, expected)
    assert "sklearn-ecg[dicom]" in found[0]["error"]


def test_model_that_cannot_be_loaded_ends_the_work(saved, tmp_path, monkeypatch):
    """Or each file of an archive would have this for its reason."""
    monkeypatch.syspath_prepend(EXAMPLE)
    with pytest.raises(FileNotFoundError, match=r"absent\.skecg"):
        importlib.import_module("answers").classify(saved[1], str(tmp_path / "absent.skecg"))


def test_dask_bag_classifies_an_archive(dask_client, saved, tmp_path):
    """One killed worker and three bad files cost no answer, and a worker loads the model once."""
    import dask.bag

    model, paths, expected = saved
    die_once = once_in_a_worker(tmp_path / "killed")

    def classify(paths):
        import answers

        paths = list(paths)
        found = answers.classify(paths, model)
        die_once()
        return found

    bag = dask.bag.from_sequence(paths, npartitions=6).map_partitions(classify)
    check_whole(bag.compute(), paths, expected)
    assert (tmp_path / "killed").exists()

    def loads():
        import answers

        return answers.loaded.cache_info().misses

    assert set(dask_client.run(loads).values()) <= {0, 1}


@_OF_SPARK
def test_spark_classifies_an_archive(spark, saved, tmp_path):
    """One killed worker and three bad files cost no answer."""
    model, paths, expected = saved
    die_once = once_in_a_worker(tmp_path / "killed")
    spark.sparkContext.addPyFile(str(EXAMPLE / "answers.py"))

    def classify(paths):
        import answers

        found = answers.classify(paths, model)
        die_once()
        return found

    found = spark.sparkContext.parallelize(paths, 6).mapPartitions(classify).collect()
    check_whole(found, paths, expected)
    assert (tmp_path / "killed").exists()


# Ray 2.60 reads its own deprecated settings.
@pytest.mark.filterwarnings("ignore:`.*` is deprecated:DeprecationWarning")
def test_ray_data_classifies_an_archive(ray, saved, tmp_path):
    """One killed worker and three bad files cost no answer, and a worker loads the model once."""
    import ray.data

    model, paths, expected = saved
    die_once = once_in_a_worker(tmp_path / "killed")

    class Classify:
        def __init__(self):
            import answers

            self.classify = answers.Classify(model)

        def __call__(self, batch):
            import answers

            found = self.classify(batch)
            die_once()
            return found | {"loads": [answers.loaded.cache_info().misses] * len(batch["item"])}

    data = ray.data.from_items(paths, override_num_blocks=6)
    found = data.map_batches(Classify, batch_size=3, concurrency=2).take_all()
    assert (tmp_path / "killed").exists()
    assert {answer.pop("loads") for answer in found} == {1}
    found.sort(key=lambda answer: paths.index(answer["path"]))
    check_whole(found, paths, expected)
