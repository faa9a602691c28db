"""A service of a saved model: MODEL=model.skecg uvicorn app:app --workers 2

Without MODEL it serves the rhythm model that ships with sklearn-ecg. Ask it, for example, by
curl -H 'Content-Type: application/json' -d '{"signal": [...], "fs": 250}' localhost:8000/predict
"""

import os
import warnings

import numpy as np
from fastapi import FastAPI, HTTPException
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from sklearn_ecg import ECGRecord, make_ecg
from sklearn_ecg.persistence import load
from sklearn_ecg.pretrained import load_pretrained

SHORTEST_S, LONGEST_S = 9, 60  # as the model was trained
path = os.environ.get("MODEL")
model = load(path) if path else load_pretrained("rhythm-30s")  # once a process, for all requests
model = getattr(model, "best_estimator_", model)  # by which a search predicts
LEADS = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")
# So that the first request does not wait.
first = model.predict_proba([make_ecg(LONGEST_S, leads=LEADS, random_state=0)])
names = model.classes_
if np.ndim(names) == 2:  # several labels of a recording may be true
    names = getattr(model[-1], "label_names_", range(len(names)))
if np.shape(first) != (1, len(names)):  # as of a classifier of beats
    raise ValueError(f"{path} must give a recording one probability for each class")
# Of a strip in another unit the answer would mean nothing, and a client does not see our warnings.
warnings.filterwarnings("error", "Signals are hardly in mV")
# A strip has three megabytes at most. A longer message would keep all others waiting.
app = FastAPI(title="Rhythm of an electrocardiogram", max_body_size=4_000_000)


class Strip(BaseModel, extra="forbid", strict=True):
    """A strip of one lead in mV, at `fs` Hz."""

    # One fault is enough: to name a hundred thousand takes a second, and 10 MB.
    signal: list[float] = Field(min_length=1, max_length=100_000, fail_fast=True)
    fs: float = Field(ge=50, le=10_000)  # fewer values a second show no waves
    lead: str = Field("II", max_length=20)  # which also refuses half a character


@app.exception_handler(RequestValidationError)
async def refuse(_, error: RequestValidationError) -> JSONResponse:
    """Say what is wrong, without the signal, which JSON cannot hold if it has NaN."""
    reasons = [{name: reason[name] for name in ("loc", "msg")} for reason in error.errors()]
    return JSONResponse({"detail": reasons}, 422)


@app.get("/health")
async def health() -> dict[str, str]:
    """Answer, which a worker does once its model has predicted."""
    return {"status": "ready"}


@app.post("/predict")
async def predict(strip: Strip) -> dict[str, float]:
    """Return the probability of each class; what the model refuses is an error of the client."""
    try:
        signal = np.array(strip.signal, dtype=np.float32)[:, None]
        if not np.isfinite(signal).all():  # the model would take NaN at the end for padding
            raise ValueError("signal must hold finite numbers")
        if not SHORTEST_S <= len(signal) / strip.fs <= LONGEST_S:
            raise ValueError(f"a strip must last {SHORTEST_S} to {LONGEST_S} s")
        record = ECGRecord(signal, strip.fs, (strip.lead,))
        probabilities = model.predict_proba([record])[0]
    except (ValueError, UserWarning) as error:
        raise HTTPException(422, str(error)) from error
    return dict(zip(map(str, names), probabilities.tolist(), strict=True))
