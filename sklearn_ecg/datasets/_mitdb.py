"""The MIT-BIH Arrhythmia Database as rows for a classifier."""

from pathlib import Path

import numpy as np
from sklearn.utils import Bunch

from sklearn_ecg.datasets._reading import read_record

# de Chazal's mapping (doi:10.1109/TBME.2004.827359) of beat symbols to the AAMI's five classes;
# every other symbol marks a rhythm, a wave or noise, not a beat.
AAMI_CLASS = {
    symbol: aami
    for aami, symbols in {"N": "NLRej", "S": "AaJS", "V": "VE", "F": "F", "Q": "/fQ"}.items()
    for symbol in symbols
}
_PATIENT = {"202": "201"}  # the header of record 202 says that it is the subject of 201


def load_mitdb_strips(data_home, *, duration_s=10.0, leads=("MLII",), records=None):
    """Cut the MIT-BIH Arrhythmia Database into strips labelled normal or arrhythmia.

    Each half-hour record is cut into strips one after the other; what is left at its end, shorter
    than a strip, is not used. A strip with at least one supraventricular (S), ventricular (V) or
    fusion (F) beat among the cardiologists' annotations is an arrhythmia.

    Parameters
    ----------
    data_home : str or Path
        Folder that holds the database's files, or a folder `mitdb` with them.
    duration_s : float, default=10.0
        Duration of a strip in seconds.
    leads : sequence of str, default=("MLII",)
        Names of leads. Every record has to have them; all of de Chazal's records have MLII.
    records : sequence of str, default=None
        Names of records. None takes all that the folder holds.

    Returns
    -------
    Bunch
        `data` : ndarray of shape (n_strips, n_timesteps, n_leads), float32
            Signal in mV at `fs` Hz.
        `target` : ndarray of shape (n_strips,)
            `"arrhythmia"` or `"normal"`.
        `groups` : ndarray of shape (n_strips,)
            The patient. Records 201 and 202 are one person, so both are `"201"`.
        `records` : ndarray of shape (n_strips,)
            The record.
        `fs` : float
            Sampling rate in Hz.
        `lead_names` : tuple of str
            Name of each column of the signal.
        `DESCR` : str
            Where the data come from.

    Raises
    ------
    FileNotFoundError
        If the folder holds no records, or a named one is missing.
    ValueError
        If a record lacks a lead, or is shorter than a strip.

    Notes
    -----
    Ventricular flutter, which only record 207 has, is annotated by waves and not by beats; a strip
    that holds nothing else (13 strips of 10 s) therefore counts as normal.

    References
    ----------
    Moody GB, Mark RG. The impact of the MIT-BIH Arrhythmia Database. IEEE Eng in Med and Biol
    20(3):45-50 (2001). doi:10.1109/51.932724; data: doi:10.13026/C2F305

    Examples
    --------
    >>> from sklearn_ecg.datasets import load_mitdb_strips
    >>> load_mitdb_strips("no/such/folder")
    Traceback (most recent call last):
        ...
    FileNotFoundError: no/such/folder holds no MIT-BIH records (*.hea with *.atr), nor ...
    """
    folder = _find_database(Path(data_home))
    if records is None:
        records = sorted(path.stem for path in folder.glob("*.hea") if _has_beats(path))
    strips, targets, names = [], [], []
    for name in records:
        record = read_record(folder / name, leads=leads, annotator="atr")
        length = round(duration_s * record.fs)
        if not 1 <= length <= record.n_timesteps:
            raise ValueError(
                f"duration_s={duration_s} gives strips of {length} time steps, "
                f"but record {name} has {record.n_timesteps}."
            )
        n_strips = record.n_timesteps // length
        signal = record.signal[: n_strips * length]
        strips.append(signal.reshape(n_strips, length, len(leads)))
        targets.append(_has_arrhythmia(*record.annotations, length, n_strips))
        names += [name] * n_strips
    names = np.array(names)
    return Bunch(
        data=np.concatenate(strips),
        target=np.where(np.concatenate(targets), "arrhythmia", "normal"),
        groups=np.array([_PATIENT.get(name, name) for name in names]),
        records=names,
        fs=record.fs,
        lead_names=record.lead_names,
        DESCR="MIT-BIH Arrhythmia Database 1.0.0, doi:10.13026/C2F305, ODC Attribution License.",
    )


def _find_database(data_home):
    for folder in (data_home, data_home / "mitdb"):
        if any(_has_beats(path) for path in folder.glob("*.hea")):
            return folder
    raise FileNotFoundError(
        f"{data_home} holds no MIT-BIH records (*.hea with *.atr), nor does its subfolder mitdb. "
        "Get them from https://physionet.org/content/mitdb/1.0.0/ and pass their folder."
    )


def _has_beats(header):
    return header.with_suffix(".atr").exists()


def _has_arrhythmia(time_steps, symbols, length, n_strips):
    arrhythmic = [AAMI_CLASS.get(symbol) in ("S", "V", "F") for symbol in symbols]
    beats_per_strip = np.bincount(time_steps[arrhythmic] // length, minlength=n_strips)
    return beats_per_strip[:n_strips] > 0
