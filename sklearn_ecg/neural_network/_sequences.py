"""Rows as the sequences a network sees, gathered batch by batch so that nothing is copied whole."""

import numpy as np

from sklearn_ecg.utils._signals import each_row


class Sequences:
    """All segments of some rows, one after the other.

    Parameters
    ----------
    X : ndarray or 1-D object array of ndarrays
        Validated rows: sequences, or bags of segments.
    masked : bool
        Whether the network takes one more feature, 1 for a sequence's own steps and 0 for padding
        at its end, so that sequences of different lengths fit into one array.
    rows : ndarray of int, default=None
        Positions of the rows to use. None uses all.

    Attributes
    ----------
    n_features : int
        Features of a step.
    n_inputs : int
        Size of the last axis of what `gather` returns: one more if masked.
    n_segments : ndarray of shape (n_rows,)
        Number of sequences of each row; 1 if a row is a sequence.
    n_steps : ndarray of shape (n_sequences,)
        Steps of each sequence.
    """

    def __init__(self, X, masked, rows=None):
        all_rows = list(each_row(X))  # views
        self._rows = all_rows if rows is None else [all_rows[i] for i in rows]
        self.n_features = all_rows[0].shape[-1]
        self.n_inputs = self.n_features + masked
        self._are_bags = all_rows[0].ndim == 3
        self.n_segments = np.array([len(row) if self._are_bags else 1 for row in self._rows])
        self._row_of = np.repeat(np.arange(len(self._rows)), self.n_segments)
        self._first_of = np.cumsum(self.n_segments) - self.n_segments
        self.n_steps = np.repeat([row.shape[-2] for row in self._rows], self.n_segments)

    def __len__(self):
        return len(self._row_of)

    def gather(self, positions):
        """Copy some sequences into one array.

        Parameters
        ----------
        positions : ndarray of int
            Which sequences.

        Returns
        -------
        ndarray of shape (len(positions), n_steps, n_inputs), float32
            The sequences, padded with zeros to the longest of them.
        """
        shape = (len(positions), self.n_steps[positions].max(), self.n_inputs)
        gathered = np.zeros(shape, dtype=np.float32)
        for to, position in zip(gathered, positions, strict=True):
            row = self._row_of[position]
            sequence = self._rows[row]
            if self._are_bags:
                sequence = sequence[position - self._first_of[row]]
            to[: len(sequence), : self.n_features] = sequence
            to[: len(sequence), self.n_features :] = 1
        return gathered

    def chunks(self, max_steps):
        """Split into chunks that are small, and alike in length where lengths differ.

        Parameters
        ----------
        max_steps : int
            Steps that a chunk may hold, padding included; a single sequence may hold more.

        Yields
        ------
        ndarray of int
            Positions of the sequences of one chunk.
        """
        order = np.argsort(self.n_steps, kind="stable")
        start = 0
        while start < len(order):
            # In order of length, the last sequence of a chunk tells what each takes when padded.
            padded = self.n_steps[order[start:]] * np.arange(1, len(order) - start + 1)
            stop = start + max(1, int(np.searchsorted(padded, max_steps, side="right")))
            yield order[start:stop]
            start = stop

    def shuffled_batches(self, batch_size, rng):
        """Draw batches for one epoch of training.

        Where lengths differ, sequences of similar length come together, which saves padding.

        Parameters
        ----------
        batch_size : int
            Sequences in a batch; the last may hold fewer.
        rng : RandomState
            Source of randomness.

        Returns
        -------
        list of ndarray of int
            Positions of the sequences of each batch.
        """
        order = rng.permutation(len(self))
        if len(np.unique(self.n_steps)) > 1:
            pool = 16 * batch_size  # large enough to find alike ones, small enough to stay random
            order = np.concatenate(
                [
                    part[np.argsort(self.n_steps[part], kind="stable")]
                    for part in np.split(order, range(pool, len(order), pool))
                ]
            )
        batches = np.split(order, range(batch_size, len(order), batch_size))
        return [batches[i] for i in rng.permutation(len(batches))]
