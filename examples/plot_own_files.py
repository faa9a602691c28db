"""
===========================================
How do I get from my files to a new answer?
===========================================

A folder holds recordings in three formats and at three rates, and a table holds their labels. They
become a pipeline that is cross-validated and saved. Another file becomes an answer. The recordings
are synthetic; for your own, leave the first part out and change the paths.
"""

# %%
# A folder of recordings
# ----------------------
# Each of 24 patients has two recordings of 20 s, both in sinus rhythm or both in atrial
# fibrillation (AF). Some files are WFDB, some EDF and some CSV.

import tempfile
from pathlib import Path

from sklearn_ecg.datasets import make_ecg, write_record

folder = Path(tempfile.mkdtemp())
formats = [(".hea", 250), (".edf", 500), (".csv", 360)]
table = ["file,label,patient"]
for number in range(48):
    patient = number // 2
    rhythm = ["sinus", "af"][patient % 2]
    suffix, fs = formats[patient % 3]
    record = make_ecg(
        20,
        fs=fs,
        rhythm=rhythm,
        heart_rate=60 + 2 * patient,
        rr_sd_s=0.1,  # as irregular in both rhythms, so that P waves matter
        leads=["V1", "II"],
        noise={"muscle": 12, "baseline_wander": 6},
        random_state=number,
    )
    write_record(record, folder / f"recording{number}{suffix}")
    table.append(f"recording{number}{suffix},{rhythm},{patient}")
(folder / "labels.csv").write_text("\n".join(table))
print(*table[:8:2], sep="\n")

# %%
# Files are the rows
# ------------------
# ``list_records`` returns paths, labels and patients. ``RecordReader`` is the first step of the
# pipeline. It finds the lead by its name and resamples it to one rate. Cross-validation by patient
# never tests on a patient of the training.

from sklearn.model_selection import GroupKFold, cross_val_score
from sklearn.pipeline import make_pipeline

from sklearn_ecg.datasets import RecordReader, list_records
from sklearn_ecg.neural_network import LSTMClassifier
from sklearn_ecg.preprocessing import BandpassFilter, MaxNormalizer, Reshaper, Segmenter

paths, y, patients = list_records(folder, labels=folder / "labels.csv")
pipeline = make_pipeline(
    RecordReader(leads=["II"], fs=100, duration_s=20),
    BandpassFilter(),
    Segmenter(segment_length=250),
    MaxNormalizer(),
    Reshaper(frame_length=5),
    LSTMClassifier(
        conv_filters=16, units=16, pooling="mean_max", epochs=15, learning_rate=0.01, random_state=0
    ),
)
scores = cross_val_score(pipeline, paths, y, groups=patients, cv=GroupKFold(4))
print(f"accuracy by fold: {scores.round(2)}, mean {scores.mean():.2f}")

# %%
# Save it
# -------
# The file of the model runs no code when it is loaded, and says what input it needs.

from sklearn_ecg.persistence import describe_model, load, save

save(pipeline.fit(paths, y), folder / "rhythm.skecg")
print(describe_model(folder / "rhythm.skecg")["input"])

# %%
# A new file
# ----------
# This patient's rhythm changes after 10 s. The answer for the file is the mean over its segments of
# 2.5 s. The probability of each segment shows where the fibrillation is: the darker, the more
# probable.

import numpy as np

from sklearn_ecg.datasets import ECGRecord
from sklearn_ecg.inspection import segment_probabilities
from sklearn_ecg.plotting import ECGDisplay

noise = {"muscle": 12, "baseline_wander": 6}
halves = [
    make_ecg(10, fs=200, rhythm=rhythm, rr_sd_s=0.1, noise=noise, random_state=99)
    for rhythm in ("sinus", "af")
]
record = ECGRecord(np.concatenate([half.signal for half in halves]), fs=200, lead_names=("II",))
write_record(record, folder / "new.edf")

model = load(folder / "rhythm.skecg")
p_af = model.predict_proba([folder / "new.edf"])[0, list(model.classes_).index("af")]
by_segment = segment_probabilities(model, [folder / "new.edf"])[0][:, 0]
print(f"probability of AF: {p_af:.2f} in all, by segment {by_segment.round(2)}")
ECGDisplay.from_record(
    record, start_s=5, duration_s=10, segment_probabilities=by_segment, segment_length_s=2.5
)
