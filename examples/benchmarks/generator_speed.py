"""Time `make_ecg` against `neurokit2.ecg_simulate(method="ecgsyn")`, side by side.

Both make the same number of ten-second records of one lead at the same sampling rate, one record
after the other in one process, in turns, so that both meet the same load of the machine.

    pip install sklearn-ecg neurokit2
    python examples/benchmarks/generator_speed.py
"""

import argparse
import time
import warnings

from neurokit2 import ecg_simulate

from sklearn_ecg.datasets import make_ecg

parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
parser.add_argument("--records", type=int, default=100)
parser.add_argument("--fs", type=int, default=500, help="sampling rate in Hz")
options = parser.parse_args()


def make_ours(seed, noise):
    noise = {"muscle": 20, "mains_50hz": 20} if noise else None
    return make_ecg(10, fs=options.fs, noise=noise, random_state=seed)


def make_theirs(seed, noise):
    # 0.01 is the default strength of its noise, which is heavy-tailed at 5, 10 and 100 Hz.
    noise = 0.01 if noise else 0
    return ecg_simulate(
        10, sampling_rate=options.fs, method="ecgsyn", noise=noise, random_state=seed
    )


def time_both(noise):
    seconds = {make_ours: 0.0, make_theirs: 0.0}
    for make in seconds:
        make(0, noise)  # the first call of each imports and compiles
    for seed in range(options.records):
        for make in seconds:
            start = time.perf_counter()
            make(seed, noise)
            seconds[make] += time.perf_counter() - start
    return seconds.values()


warnings.simplefilter("ignore", DeprecationWarning)  # from within neurokit2
print(f"{options.records} records of 10 s, one lead, {options.fs} Hz")
for noise in (False, True):
    ours, theirs = time_both(noise)
    print(
        f"{'with' if noise else 'without'} noise: make_ecg {ours:.3f} s, "
        f"neurokit2 {theirs:.3f} s, {theirs / ours:.0f} times as fast"
    )
