"""Tell supraventricular beats by their rhythm alone, in people never seen.

The Long-Term AF Database has the annotations of whole days: when each beat came, and its class. A
row is a beat among 16 neighbours on either side, described by its intervals only. Two networks
learn from the days of some people, and from simulated rhythms, to tell N from S; each has drawn
its own rows, and their probabilities are averaged. Five folds by patient; the share of S in the
rows to train on is that of a day with many of them.

Beats in atrial fibrillation, in which nothing counts as early, are not scored. Ventricular beats
come early too, and only their shape tells: figures are given without and with them.

Usage: python examples/benchmarks/ltafdb_rhythm.py --data-home DIR [--folds 5] [--seed 0]
"""

import argparse

import numpy as np
from _measuring import markdown_table, write_results
from joblib import Parallel, delayed
from numpy.random import RandomState
from sklearn.ensemble import VotingClassifier
from sklearn.frozen import FrozenEstimator
from sklearn.model_selection import KFold
from sklearn.utils import Bunch

from sklearn_ecg import LSTMClassifier, fetch_ltafdb
from sklearn_ecg.beats import extract_beats, simulate_rhythms

N_NEIGHBOURS = 16  # on either side; eight find fewer S beats where these are many
N_DRAWS = 2  # a network for each
PIECE_S = 1800  # as long as the recordings of MIT-BIH, because some intervals are set against all
N_SIMULATED = 1200  # beats of each of the three rhythms that are simulated for each person
MOST_S, MOST_NEAR, MOST_N, MOST_FIBRILLATING = 3000, 2000, 2000, 1000  # rows of each person


def rhythm_networks(draws, seed):
    """Fit a network that tells S from N to each draw of rows, and average their probabilities."""
    networks = Parallel(n_jobs=2)(
        delayed(rhythm_network(N_DRAWS * seed + i).fit)(rows.data, rows.target)
        for i, rows in enumerate(draws)
    )
    frozen = [(f"draw {i}", FrozenEstimator(network)) for i, network in enumerate(networks)]
    return VotingClassifier(frozen, voting="soft").fit(draws[0].data, draws[0].target)


def rhythm_network(seed):
    """Build a network that tells S from N."""
    return LSTMClassifier(
        conv_filters=(32,),  # of one step and without pooling: a dense layer on each beat
        conv_kernel_size=1,
        conv_pool_size=1,
        units=32,
        bidirectional=True,
        pooling="middle",
        dropout=0.2,
        input_noise=0.3,
        optimizer="adamw",
        weight_decay=0.01,
        learning_rate=0.002,
        learning_rate_schedule="cosine",
        class_weight={"N": 1, "S": 0.4},
        epochs=4,
        batch_size=256,
        random_state=seed,
    )


def read(data_home):
    """Read the annotations of all people that are there."""
    return fetch_ltafdb(data_home, download_if_missing=False).data


def draws_of_days(records, n_neighbours=N_NEIGHBOURS):
    """Draw rows of people's days to train on, real and simulated, once for each network."""
    draws = [Bunch(data=[], target=[], people=[], rng=RandomState(i)) for i in range(N_DRAWS)]
    for record in records:  # one by one, because the rows of a day take 100 MB
        rows = rows_of_day(record, n_neighbours)
        has_normal = [piece for piece in half_hours(record) if "N" in piece.beats[1]]
        for draw in draws:
            parts = [(rows, choose(rows, draw.rng))]
            for first in has_normal[:1]:
                simulated = simulate_rhythms(
                    first,
                    n_beats=N_SIMULATED,
                    random_state=draw.rng,
                    **row_options(n_neighbours),
                )
                parts.append((simulated, slice(None)))
            for part, chosen in parts:
                draw.data.append(part.data[chosen])
                draw.target.append(part.target[chosen])
                draw.people += [record.name] * len(draw.target[-1])
    return [
        Bunch(
            data=np.concatenate(draw.data),
            target=np.concatenate(draw.target),
            people=np.array(draw.people),
        )
        for draw in draws
    ]


def rows_of(people, rows):
    """Choose the rows of these people."""
    is_theirs = np.isin(rows.people, people)
    return Bunch(data=rows.data[is_theirs], target=rows.target[is_theirs])


def choose(rows, rng):
    """Choose S beats, normal ones near them and anywhere, and some in fibrillation."""
    fibrillates, is_normal = rows.rhythm == "AFIB", rows.target == "N"
    is_s = (rows.target == "S") & ~fibrillates
    is_near = np.convolve(is_s, np.ones(17), "same") > 0.5
    in_sinus = is_normal & ~fibrillates & (rows.rhythm != "")
    kinds = [
        (is_s, MOST_S),
        (in_sinus & is_near, MOST_NEAR),
        (in_sinus, MOST_N),
        (is_normal & fibrillates, MOST_FIBRILLATING),
    ]
    return np.concatenate([rng.permutation(np.flatnonzero(kind))[:most] for kind, most in kinds])


def rows_of_day(record, n_neighbours):
    """Make a row of each beat, and name the rhythm in which it comes ("" where none is marked)."""
    rows = extract_beats(half_hours(record), **row_options(n_neighbours))
    starts, names = record.rhythms
    number = np.searchsorted(starts, record.beats[0], side="right")
    return Bunch(data=rows.data, target=rows.target, rhythm=np.concatenate([[""], names])[number])


def row_options(n_neighbours):
    """Describe beats by their rhythm alone, among so many neighbours on either side."""
    return {
        "leads": (),
        "n_before": n_neighbours,
        "n_after": n_neighbours,
        "features": ("rhythm",),
    }


def half_hours(record):
    """Cut a record into half-hours, and leave out those without a beat."""
    length = round(PIECE_S * record.fs)
    parts = [record.part(start, start + length) for start in range(0, record.n_timesteps, length)]
    return [part for part in parts if len(part.beats[0])]


def main():
    """Score each person by networks that have not seen him or her."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data-home", required=True, help="folder with the database")
    parser.add_argument("--folds", type=int, default=5, help="folds by patient")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--output", default="results", help="folder for the results")
    options = parser.parse_args()
    records = read(options.data_home)
    draws = draws_of_days(records)
    names = np.array([record.name for record in records])
    counts = {}
    splitter = KFold(options.folds, shuffle=True, random_state=0)
    for train, test in splitter.split(records):
        model = rhythm_networks([rows_of(names[train], rows) for rows in draws], options.seed)
        for i in test:
            counts[records[i].name] = count(model, rows_of_day(records[i], N_NEIGHBOURS))
        print(f"a fold of {len(test)} people done", flush=True)
    results = figures(counts)
    text = (
        f"Long-Term AF Database, {len(records)} people, outside fibrillation, {options.folds} folds"
    )
    text = f"{text} by patient, rhythm alone.\n\n{as_markdown(counts, results)}"
    write_results(options.output, "ltafdb_rhythm", {"figures": results, "by_record": counts}, text)
    print(text)


def count(model, rows):
    """Count, outside fibrillation: S beats, those found, and N and V beats called S."""
    scored = np.isin(rows.rhythm, ["AFIB", ""], invert=True)
    if not scored.any():
        return [0, 0, 0, 0]
    is_called_s = model.predict(rows.data[scored]) == "S"
    target = rows.target[scored]
    found, *false = (int(np.sum(is_called_s & (target == label))) for label in "SNV")
    return [int(np.sum(target == "S")), found, *false]


def figures(counts):
    """Compute F1 of S over all beats, and over people with 100 S beats or more."""
    total = np.sum(list(counts.values()), axis=0)
    of_people = [f1(*each[:3]) for each in counts.values() if each[0] >= 100]
    known = of_people or [np.nan]
    return {
        "S F1": f1(*total[:3]),
        "S F1, V counted": f1(total[0], total[1], total[2] + total[3]),
        "S F1, mean of people": float(np.mean(known)),
        "S F1, lowest of people": min(known),
        "people": len(of_people),
    }


def f1(n_beats, n_found, n_false):
    """Compute F1 from counts."""
    return float(2 * n_found / max(1, n_beats + n_found + n_false))


def as_markdown(counts, results):
    """Lay out the figures, and each person's."""
    summary = markdown_table(list(results), [[f"{value:.3g}" for value in results.values()]])
    people = [[name, *each, f"{f1(*each[:3]):.3f}"] for name, each in counts.items() if each[0] > 0]
    columns = ["record", "S", "found", "false of N", "false of V", "F1 without V"]
    return f"{summary}\n\n{markdown_table(columns, people)}"


if __name__ == "__main__":
    main()
