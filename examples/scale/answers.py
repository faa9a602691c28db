"""Answers of a saved pipeline for files, as a worker of a cluster gives them.

Workers must be able to import this module: put it on each machine, or hand it over by Dask's
`client.upload_file("answers.py")`, Ray's `runtime_env={"py_modules": ["answers.py"]}` or Spark's
`context.addPyFile("answers.py")`. Then each worker process loads a model once, however many tasks
it is given.
"""

import functools

from sklearn_ecg.persistence import load

loaded = functools.cache(load)


def classify(paths, model):
    """Classify recordings; those that cannot be read get the reason in place of an answer.

    Parameters
    ----------
    paths : iterable of str
        Files of recordings.
    model : str
        File of a saved pipeline that takes paths.

    Returns
    -------
    list of dict
        One for each file: its `path`, its `probabilities` or None, and its `error` or None.

    Raises
    ------
    OSError or ValueError
        If the model cannot be loaded, which is no fault of the files.
    """
    paths, fitted = list(paths), loaded(model)
    try:
        rows = fitted.predict_proba(paths).tolist()
    except (ValueError, OSError, ImportError) as error:  # the last where an extra is missing
        if len(paths) == 1:
            return [{"path": str(paths[0]), "probabilities": None, "error": str(error)}]
        return [answer for path in paths for answer in classify([path], model)]
    return [
        {"path": str(path), "probabilities": row, "error": None}
        for path, row in zip(paths, rows, strict=True)
    ]


class Classify:
    """The same for Ray Data, which keeps an object in each of its workers."""

    def __init__(self, model):
        self.model = model
        loaded(model)

    def __call__(self, batch):
        answers = classify(batch["item"].tolist(), self.model)
        return {name: [answer[name] for answer in answers] for name in answers[0]}
