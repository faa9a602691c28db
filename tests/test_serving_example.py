"""The service of examples/serving answers, and refuses what is malformed."""

import http.client
import importlib
import json
import runpy
from contextlib import closing
from pathlib import Path

import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline

from sklearn_ecg.compose import SegmentedClassifier
from sklearn_ecg.datasets import RecordReader, make_ecg
from sklearn_ecg.neural_network import LSTMClassifier
from sklearn_ecg.persistence import save
from sklearn_ecg.pretrained import load_pretrained


@pytest.fixture(scope="module")
def program():
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(Path(__file__).parents[1] / "examples" / "benchmarks")
        yield importlib.import_module("serving")


@pytest.fixture(scope="module")
def port(program):
    with program.running_service(workers=1) as port:
        yield port


def strip(**changes):
    record = make_ecg(30, fs=250, leads=["II"], random_state=0)
    return json.dumps({"signal": record.signal[:, 0].tolist(), "fs": 250} | changes)


def ask(port, body):
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("POST", "/predict", body, {"Content-Type": "application/json"})
    response = connection.getresponse()
    answer = response.status, json.loads(response.read())
    connection.close()
    return answer


def test_service_answers(port):
    """With a probability for each class."""
    status, answer = ask(port, strip())
    assert status == 200
    assert answer.keys() == {"A", "N", "O", "~"}
    assert sum(answer.values()) == pytest.approx(1)
    assert max(answer, key=answer.get) == "N"


def test_service_says_that_it_is_ready(port):
    """Which a listening port does not: with several workers it is open before a model is loaded."""
    with closing(http.client.HTTPConnection("127.0.0.1", port)) as connection:
        connection.request("GET", "/health")
        with connection.getresponse() as response:
            assert (response.status, json.load(response)) == (200, {"status": "ready"})


def test_service_answers_many_clients_at_once(port, program):
    """Each of them rightly."""
    assert len(program.ask_from(4, port, strip(), 5)) == 20


def test_service_of_another_model_answers(program, tmp_path, monkeypatch):
    """Of another lead, whose classes are numbers."""
    records = [
        make_ecg(10, fs=250, rhythm=("sinus", "af")[i % 2], leads=["V1"], random_state=i)
        for i in range(4)
    ]
    reader = RecordReader(["V1"], fs=50, duration_s=10)
    model = make_pipeline(reader, SegmentedClassifier(None, LogisticRegression()))
    save(model.fit(records, [0, 1, 0, 1]), tmp_path / "model.skecg")
    monkeypatch.setenv("MODEL", str(tmp_path / "model.skecg"))
    with program.running_service(workers=1) as port:
        status, answer = ask(port, strip(lead="V1"))
    assert status == 200
    assert answer.keys() == {"0", "1"}


@pytest.mark.parametrize("searched", [False, True])
def test_service_names_labels_of_which_several_may_be_true(searched, tmp_path, monkeypatch):
    """As the data frame did from which the network learnt them, also through a search."""
    records = [make_ecg(10, fs=250, leads=["II"], random_state=i) for i in range(4)]
    labels = pd.DataFrame([[0, 1], [1, 0], [1, 0], [0, 1]], columns=["AFIB", "SR"])
    network = LSTMClassifier(units=2, epochs=1, random_state=0)
    model = make_pipeline(RecordReader(["II"], fs=10, duration_s=5), network)
    if searched:
        model = GridSearchCV(model, {"lstmclassifier__units": [2]}, cv=2)
    save(model.fit(records, labels), tmp_path / "model.skecg")
    monkeypatch.setenv("MODEL", str(tmp_path / "model.skecg"))
    app = Path(__file__).parents[1] / "examples" / "serving" / "app.py"
    assert list(runpy.run_path(app)["names"]) == ["AFIB", "SR"]


def test_service_of_a_model_of_beats_does_not_start(tmp_path, monkeypatch):
    """Or each request would have status 500."""
    path = tmp_path / "beats-10s.skecg"
    save(load_pretrained("beats-10s"), path)
    monkeypatch.setenv("MODEL", str(path))
    app = Path(__file__).parents[1] / "examples" / "serving" / "app.py"
    with pytest.raises(ValueError, match=r"beats-10s\.skecg must give a recording one probability"):
        runpy.run_path(app)


@pytest.mark.parametrize(
    "changes",
    [
        {"signal": []},
        {"signal": ["a"]},
        {"signal": [0.1]},
        {"fs": 0},
        {"fs": 2},
        {"signal": [0.1] * 300, "fs": 10},
        {"signal": ["0.1"] * 7500},
        {"signal": [True] * 7500},
        {"fs": "250"},
        {"lead": "V1"},
        {"lead": "\ud800"},  # half a character, which an answer cannot quote
        {"lead": "V1" * 1000},
        {"unit": "uV"},  # which nobody would heed
    ],
    ids=ascii,
)
def test_malformed_strips_are_refused(port, changes):
    """By the form of the message, or by the model, with the reason."""
    status, answer = ask(port, strip(**changes))
    assert status == 422
    assert answer["detail"]


@pytest.mark.parametrize("factor", [1000, 200, 0.001])
def test_strips_in_another_unit_are_refused(port, factor):
    """Fibrillation in uV would be another rhythm without a word."""
    record = make_ecg(30, fs=250, rhythm="af", leads=["II"], random_state=0)
    signal = record.signal[:, 0] * factor
    status, answer = ask(port, strip(signal=signal.tolist()))
    assert status == 422
    assert "Signals are hardly in mV" in answer["detail"]


def test_what_is_not_json_is_refused(port):
    """As malformed, with the place."""
    status, answer = ask(port, strip()[:-9])
    assert status == 422
    assert answer["detail"][0]["msg"] == "JSON decode error"


def test_long_messages_are_not_read(port):
    """Or one of 100 MB would keep all others waiting for seconds."""
    with closing(http.client.HTTPConnection("127.0.0.1", port)) as connection:
        connection.putrequest("POST", "/predict")
        connection.putheader("Content-Length", "100000000")
        connection.endheaders()
        with connection.getresponse() as response:
            assert response.status == 413
    assert ask(port, strip())[0] == 200


def test_answer_to_many_faults_is_short(port):
    """Or a message of 400 kB would keep all others waiting for a second."""
    status, answer = ask(port, strip(signal=["a"] * 100_000))
    assert status == 422
    assert [reason["loc"] for reason in answer["detail"]] == [["body", "signal", 0]]


def test_values_that_are_no_numbers_are_refused(port):
    """NaN would be padding; and another fault beside it is named all the same."""
    assert ask(port, '{"signal": [0.1, NaN, 0.2], "fs": 250}')[0] == 422
    assert ask(port, '{"signal": [0.1], "fs": NaN}')[0] == 422
    status, answer = ask(port, '{"signal": [0.1, NaN, 0.2]}')
    assert status == 422
    assert answer["detail"] == [{"loc": ["body", "fs"], "msg": "Field required"}]
