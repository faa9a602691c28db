"""One electrocardiogram as it was recorded."""

from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True, eq=False)
class ECGRecord:
    """One electrocardiogram with the marks that came with it.

    Parameters
    ----------
    signal : ndarray of shape (n_timesteps, n_leads), dtype float32
        The signal in mV; NaN where nothing was recorded.
    fs : float
        Sampling rate in Hz.
    lead_names : tuple of str
        Name of each column of `signal`.
    annotations : tuple of (ndarray of int, ndarray of str)
        Time step and symbol of each mark, in order of time. Symbols are PhysioNet's, such as `"N"`
        for a normal beat and `"V"` for a premature ventricular one.
    metadata : dict
        What else the file says of the patient and the recording, empty unless asked for.
    source : str
        Path of the file, as the caller gave it.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_ecg.datasets import ECGRecord
    >>> record = ECGRecord(np.zeros((720, 2), np.float32), fs=360.0, lead_names=("MLII", "V1"))
    >>> record.n_timesteps, record.duration_s
    (720, 2.0)
    >>> record.leads(["V1"]).shape
    (720, 1)
    """

    signal: np.ndarray
    fs: float
    lead_names: tuple[str, ...]
    annotations: tuple[np.ndarray, np.ndarray] = field(
        default_factory=lambda: (np.empty(0, dtype=np.int64), np.empty(0, dtype="<U1"))
    )
    metadata: dict = field(default_factory=dict)
    source: str = ""

    @property
    def n_timesteps(self):
        """Number of time steps."""
        return self.signal.shape[0]

    @property
    def duration_s(self):
        """Duration in seconds."""
        return self.n_timesteps / self.fs

    def leads(self, names):
        """Choose columns of the signal by name.

        Parameters
        ----------
        names : sequence of str or of tuple of str
            Names of leads, in the wanted order. Of a tuple the first that the record has is taken.

        Returns
        -------
        ndarray of shape (n_timesteps, len(names))
            The signal in these leads, in mV.

        Raises
        ------
        TypeError
            If `names` is one name and no sequence.
        ValueError
            If the record lacks one of them.
        """
        if isinstance(names, str):
            raise TypeError(f"names must be a sequence of names, such as [{names!r}]; got a str.")
        columns = [self._column(name) for name in names]
        missing = [name for name, column in zip(names, columns, strict=True) if column is None]
        if missing:
            wanted = [name if isinstance(name, str) else " or ".join(name) for name in missing]
            raise ValueError(
                f"{self.source or 'The record'} has no lead {', '.join(wanted)}; "
                f"it has {', '.join(self.lead_names)}."
            )
        return self.signal[:, columns]

    def _column(self, name):
        """Find the first of several leads, given by name, that the record has."""
        for choice in [name] if isinstance(name, str) else name:
            if choice in self.lead_names:
                return self.lead_names.index(choice)
        return None
