"""
======================
The beats in your file
======================

A file with an electrocardiogram goes in, and a picture of it comes out in which every heartbeat is
marked by its class. The data are synthetic, and the forest is small, so all of it takes seconds.
For recordings of your own, change the paths.
"""

# %%
# A classifier of beats
# ---------------------
# It learns from recordings whose beats are labelled. ``BeatClassifier`` describes each beat among
# its neighbours, and any classifier of scikit-learn says of which class it is. These patients have
# ventricular (V) and supraventricular (S) premature beats.

from sklearn.ensemble import RandomForestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from sklearn_ecg.compose import BeatClassifier
from sklearn_ecg.datasets import make_ecg


def as_table(beats):
    return beats.reshape(len(beats), -1)


def simulate(patient, duration_s=120):
    return make_ecg(
        duration_s,
        fs=250,
        heart_rate=60 + 4 * patient,
        premature={"V": 0.08, "A": 0.08},
        leads=("II", "V1"),
        noise={"muscle": 20, "baseline_wander": 10},
        random_state=patient,
    )


forest = RandomForestClassifier(n_estimators=50, random_state=0)
classifier = BeatClassifier(
    make_pipeline(FunctionTransformer(as_table), forest), leads=["II"], n_before=2, n_after=2
)
classifier.fit([simulate(patient) for patient in range(6)])
print(f"classes: {', '.join(classifier.classes_)}")

# %%
# A file
# ------
# ``read_record`` takes WFDB, EDF, DICOM, SCP-ECG, CSV and more. Leads have their usual names,
# whatever the file calls them, and the unit is mV. This file is of a patient that the classifier
# has not seen.

from sklearn_ecg.datasets import read_record, write_record

write_record(simulate(patient=8, duration_s=900), "my_recording.csv", overwrite=True)
record = read_record("my_recording.csv")
print(record)

# %%
# Its beats on paper
# ------------------
# ``annotate`` finds the beats and puts their classes into the record, which is then drawn as on
# paper of 25 mm/s and 10 mm/mV. Printed in its own size, a small square is one millimetre.

from sklearn_ecg.plotting import BeatConfusionDisplay, ECGDisplay, HolterDisplay

annotated = classifier.annotate(record)
print(annotated.describe()["beats"])
display = ECGDisplay.from_record(annotated, start_s=60, duration_s=10)
display.figure_.savefig("my_beats.pdf")

# %%
# The whole recording on a page
# -----------------------------
# The same picture shows a day as well as it shows this quarter of an hour.

HolterDisplay.from_record(annotated)

# %%
# Is it right?
# ------------
# Where labels are known, the confusion matrix says which classes are taken for which. Rows are the
# labels; "no beat" counts what was missed, or found where nothing is.

BeatConfusionDisplay.from_estimator(classifier, [simulate(patient) for patient in (9, 10)])
