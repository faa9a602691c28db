"""Rows as the sequences a network sees, gathered batch by batch so that nothing is copied whole."""

import numpy as np

from sklearn_ecg.utils._padding import count_steps, is_padded_throughout
from sklearn_ecg.utils._rows import are_surely_finite, each_row, is_ragged


class Sequences:
    """All segments of some rows, one after the other, without the padding at their ends.

    Parameters
    ----------
    X : ndarray or 1-D object array of ndarrays
        Validated rows: sequences, or bags of segments. NaN at the end of a sequence, and segments
        of NaN at the end of a bag, are padding. A step that holds any padding is not a step. A
        lead that is missing throughout a segment is not padding.

    Attributes
    ----------
    n_features : int
        Features of a step.
    needs_mask : bool
        Whether sequences may differ in length: rows are ragged sequences, or some are padded. Not
        defined for what `take` returns.
    masked : bool
        Whether `gather` adds one more feature, 1 for a sequence's own steps and 0 for padding, so
        that sequences of different lengths fit into one array. If not, only sequences of one
        length come together.
    bag_sizes : ndarray of shape (n_rows,)
        Number of segments of each row, with those that are padding; 1 if a row is a sequence.
    n_segments : ndarray of shape (n_rows,)
        Number of segments of each row, without those that are padding.
    n_steps : ndarray of shape (n_sequences,)
        Steps of each sequence.

    Raises
    ------
    ValueError
        If a value is missing that is not padding, or a row is nothing but padding. The message
        names the row.
    """

    def __init__(self, X):
        rows = list(each_row(X))  # views
        bags = [row if row.ndim == 3 else row[None] for row in rows]
        is_full = not is_ragged(X) and are_surely_finite(X)
        if is_full:
            lengths = [np.full(len(bags[0]), bags[0].shape[1])] * len(bags)
            self.needs_mask = False
        else:
            lengths = [_lengths(bag, i, rows[i].ndim == 3) for i, bag in enumerate(bags)]
            self.needs_mask = (is_ragged(X) and rows[0].ndim == 2) or any(
                (steps < bag.shape[1]).any() for steps, bag in zip(lengths, bags, strict=True)
            )
        self._hold(bags, lengths, self.needs_mask)
        if is_full and X.ndim == 3:
            self._array, self._array_rows = X, np.arange(len(X))

    def take(self, rows, masked):
        """Choose rows.

        Parameters
        ----------
        rows : ndarray of int
            Positions of the rows.
        masked : bool
            Whether `gather` shall mark padding.

        Returns
        -------
        Sequences
            The sequences of these rows; views.
        """
        taken = object.__new__(Sequences)
        taken._hold([self._bags[i] for i in rows], [self._lengths[i] for i in rows], masked)
        if self._array is not None:
            taken._array, taken._array_rows = self._array, self._array_rows[rows]
        return taken

    def _hold(self, bags, lengths, masked):
        self._bags, self._lengths, self.masked = bags, lengths, masked
        self._array = self._array_rows = None  # sequences of one length, and which of them are here
        self.n_features = bags[0].shape[-1]
        self.bag_sizes = np.array([len(bag) for bag in bags])
        self.n_segments = np.array([len(steps) for steps in lengths])
        self.n_steps = np.concatenate(lengths)
        self._row_of = np.repeat(np.arange(len(bags)), self.n_segments)
        self._first_of = np.cumsum(self.n_segments) - self.n_segments

    def __len__(self):
        return len(self.n_steps)

    def gather(self, positions):
        """Copy some sequences into one array.

        Parameters
        ----------
        positions : ndarray of int
            Positions of the sequences. Unless masked, they have one length.

        Returns
        -------
        ndarray of shape (len(positions), n_steps, n_features + masked), float32
            The sequences, padded with zeros to the longest of them.
        """
        lengths = self.n_steps[positions]
        shape = (len(positions), lengths.max(), self.n_features + self.masked)
        gathered = np.zeros(shape, dtype=np.float32)
        if self._array is not None:  # at once, which takes a third of the time
            gathered[:, :, : self.n_features] = self._array[self._array_rows[positions]]
            gathered[:, :, self.n_features :] = 1
            return gathered
        for to, position, length in zip(gathered, positions, lengths, strict=True):
            row = self._row_of[position]
            sequence = self._bags[row][position - self._first_of[row]]
            to[:length, : self.n_features] = sequence[:length]
            to[:length, self.n_features :] = 1
        return gathered

    def chunks(self, max_steps, max_sequences):
        """Split into chunks that are small, and alike in length where lengths differ.

        Parameters
        ----------
        max_steps : int
            Steps that a chunk may hold, padding included; a single sequence may hold more.
        max_sequences : int
            Sequences that a chunk may hold.

        Yields
        ------
        ndarray of int
            Positions of the sequences of one chunk.
        """
        order = np.argsort(self.n_steps, kind="stable")
        for part in [order] if self.masked else self._split_by_length(order):
            start = 0
            while start < len(part):
                # In order of length, the last sequence of a chunk decides what each takes.
                candidates = part[start : start + max_sequences]
                padded = self.n_steps[candidates] * np.arange(1, len(candidates) + 1)
                size = max(1, int(np.searchsorted(padded, max_steps, side="right")))
                yield candidates[:size]
                start += size

    def shuffled_batches(self, batch_size, rng):
        """Draw batches for one epoch of training.

        If lengths differ, sequences of similar length come together, which saves padding.

        Parameters
        ----------
        batch_size : int
            Sequences in a batch; some may hold fewer.
        rng : RandomState
            Source of randomness.

        Returns
        -------
        list of ndarray of int
            Positions of the sequences of each batch.
        """
        order = rng.permutation(len(self))
        if self.masked:
            pool = 16 * batch_size  # large enough to find alike ones, small enough to be random
            pools = np.split(order, range(pool, len(order), pool))
            parts = [np.concatenate([self._sort_by_length(part) for part in pools])]
        else:
            parts = self._split_by_length(self._sort_by_length(order))
        batches = [
            batch
            for part in parts
            for batch in np.split(part, range(batch_size, len(part), batch_size))
        ]
        return [batches[i] for i in rng.permutation(len(batches))]

    def n_batches(self, batch_size):
        """Count the batches of an epoch.

        Parameters
        ----------
        batch_size : int
            Sequences in a batch.

        Returns
        -------
        int
            Number of batches that `shuffled_batches` returns.
        """
        sizes = [len(self)] if self.masked else np.unique(self.n_steps, return_counts=True)[1]
        return sum(-(-int(size) // batch_size) for size in sizes)

    def _sort_by_length(self, positions):
        return positions[np.argsort(self.n_steps[positions], kind="stable")]

    def _split_by_length(self, positions):
        """Split sequences that are sorted by length into parts of one length each."""
        return np.split(positions, np.flatnonzero(np.diff(self.n_steps[positions])) + 1)


def _lengths(bag, row, is_bag):
    """Count the steps of each segment of a row, without segments that are padding."""
    lengths, first_missing = count_steps(bag)
    if not lengths.any():
        raise ValueError(
            f"row {row} of X has no valid step: each holds NaN. The row is padding throughout, or "
            "one of its leads is missing: fill such leads with GapFiller(..., fill_value=0)."
        )
    if not lengths[-1]:
        n_used = 1 + int(np.flatnonzero(~is_padded_throughout(bag))[-1])
        lengths, first_missing = lengths[:n_used], first_missing[:n_used]
    has_gap = first_missing < lengths
    if has_gap.any() or not lengths.all():
        segment = int(np.flatnonzero(has_gap | (lengths == 0))[0])
        where = f" of segment {segment}" if is_bag else ""
        raise ValueError(
            f"row {row} of X has missing values (NaN) at step {first_missing[segment]}{where}: "
            "fill them with GapFiller. NaN is padding only at the end of a row."
        )
    return lengths
