"""
=================
A day on one page
=================

A recorder of the size of a matchbox writes down a day of heartbeats. Nobody reads a hundred
thousand of them. This example goes from a file of 24 hours to what a reader wants to know: the
beats of each class hour by hour, the longest run of ventricular beats, the longest pause, the heart
rate, and how much of the day the heart spent in atrial fibrillation. The patient is synthetic and
the models are those that ship with the package. **None of it is a diagnosis.**
"""

# %%
# A file of a day
# ---------------
# The rate falls at night and rises during the day. From the 17th to the 20th hour the rhythm is
# atrial fibrillation. In the third hour a run of ventricular beats is put in, as copies of one
# beat, and in the tenth a pause.

import numpy as np

from sklearn_ecg.datasets import ECGRecord, make_ecg, write_record

FS = 125
HEART_RATES = [66, 62, 58, 56, 55, 57, 64, 74, 80, 84, 82, 78] + [80, 84, 86, 82, 78] + [92] * 3
HEART_RATES += [82, 76, 72, 68]


def simulate(hour, heart_rate):
    in_fibrillation = 17 <= hour < 20
    return make_ecg(
        3600,
        fs=FS,
        heart_rate=heart_rate,
        rhythm="af" if in_fibrillation else "sinus",
        premature=None if in_fibrillation else {"V": 0.002 + 0.001 * (hour % 5), "A": 0.001},
        noise={"muscle": 25, "baseline_wander": 15},
        random_state=hour,
    )


def put_in_a_run(signal, record, n_beats=5, interval_s=0.55):
    times, symbols = record.annotations
    start = times[symbols == "V"][0] - round(0.12 * FS)
    beat = signal[start : start + round(interval_s * FS)]
    beat = beat - np.linspace(0, 1, len(beat))[:, None] * (beat[-1] - beat[0])  # ends as it began
    run = np.tile(beat, (n_beats, 1))
    return np.concatenate([signal[:start], run, signal[start + len(run) :]])


def put_in_a_pause(signal, record, duration_s=2.5):
    times, _ = record.annotations
    beat = times[1000]
    baseline = signal[beat - round(0.3 * FS) : beat - round(0.22 * FS)].mean(axis=0)
    pause = baseline + 0.01 * np.random.default_rng(0).normal(size=(round(duration_s * FS), 1))
    start = beat - round(0.25 * FS)
    return np.concatenate([signal[:start], pause, signal[start : len(signal) - len(pause)]])


hours = [simulate(hour, heart_rate) for hour, heart_rate in enumerate(HEART_RATES)]
signals = [record.signal for record in hours]
signals[3] = put_in_a_run(signals[3], hours[3])
signals[10] = put_in_a_pause(signals[10], hours[10])
day = ECGRecord(np.concatenate(signals).astype(np.float32), float(FS), ("II",))
write_record(day, "my_day", overwrite=True)

# %%
# Its beats
# ---------
# The shipped model finds the beats and compares each with the usual beat and the usual interval of
# the half-hour in which it lies.

from sklearn_ecg.pretrained import load_pretrained

record = load_pretrained("beats").annotate("my_day")
print(record)
print(record.describe()["beats"])

# %%
# Its rhythm
# ----------
# Another model tells normal rhythm (N), atrial fibrillation (A), other rhythms (O) and noise (~)
# apart in half a minute. ``annotate_rhythms`` asks it about each half minute of the day. Where its
# answer changes, and lasts, an episode begins.

from sklearn_ecg.compose import annotate_rhythms

record = annotate_rhythms(record, load_pretrained("rhythm-30s"))
begins, names = record.rhythms
for begin in begins[names == "AFIB"]:
    print(f"atrial fibrillation from {begin / record.fs / 3600:.2f} h")

# %%
# What a reader wants to know
# ---------------------------
# ``summarize_beats`` counts. A run is three or more ventricular (V) or supraventricular (S) beats
# that follow each other, and a pause is two seconds without a beat. In this synthetic fibrillation
# many beats are early, and the model calls some of them S, and one in fifty V: the runs of S, and
# most beats called V from hour 17 on, are part of the fibrillation.

from sklearn_ecg.beats import summarize_beats

summary = summarize_beats(record)
print("hour  " + "".join(f"{kind:>7}" for kind in summary.counts) + "   heart rate")
for hour, (_, rate, _) in enumerate(summary.heart_rate):
    counts = "".join(f"{of_kind[hour]:7}" for of_kind in summary.counts.values())
    print(f"{hour:4}  {counts}   {rate:10.0f}")
for kind, runs in summary.runs.items():
    for begin_s, duration_s, n_beats in runs[runs[:, 2].argsort()[::-1]][:3]:
        rate = 60 * (n_beats - 1) / duration_s
        print(f"a run of {n_beats:.0f} {kind} at {begin_s / 3600:.2f} h, {rate:.0f} beats/min")
for begin_s, duration_s in summary.pauses:
    print(f"a pause of {duration_s:.1f} s at {begin_s / 3600:.2f} h")
print(f"atrial fibrillation: {100 * summary.af_burden:.1f} % of the day")

# %%
# On a page
# ---------
# ``HolterDisplay`` draws the same summary, and below it the strips that a reader looks at first.
# Their numbers stand above the heart rate. ``sklearn_ecg.plotting.report`` writes the summary as a
# page for a browser, with the whole signal to scroll.

from sklearn_ecg.plotting import ECGDisplay, HolterDisplay

display = HolterDisplay.from_record(record)

# %%
# A closer look
# -------------
# Every number should lead back to the signal that it comes from. ``strips_`` says where each strip
# begins, and ``ECGDisplay`` draws more of it.

for reason, begin_s in display.strips_:
    print(f"{begin_s / 3600:5.2f} h  {reason}")
start_s = next(begin_s for reason, begin_s in display.strips_ if "run of V" in reason)
ECGDisplay.from_record(record, start_s=start_s - 1, duration_s=10)
