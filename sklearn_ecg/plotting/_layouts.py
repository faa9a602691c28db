"""Place leads on a sheet."""

from typing import NamedTuple

from sklearn_ecg.utils._leads import TWELVE_LEADS, label_of, lead_labels, lead_recipe

# Number of columns, and of rows, of each layout. Time goes on from column to column.
_SHAPES = {"1x1": (1, 1), "2x1": (1, 2), "3x1": (1, 3), "3x4": (4, 3), "6x2": (2, 6)}
LAYOUTS = {"auto", *_SHAPES}
_RHYTHM = ("II", "MLII")
_MOST_ROWS = 3  # of one column
_MANY_LEADS = 6  # so many of the twelve, and the sheet has a place for each


class Cell(NamedTuple):
    """The place of one lead: its row, and its share of the time."""

    lead: str | tuple[str, ...]
    label: str
    row: int
    begin: float
    end: float

    def part_of(self, values):
        """Cut out what belongs into the place.

        Parameters
        ----------
        values : ndarray of shape (n_timesteps,)
            Values of the whole stretch.

        Returns
        -------
        ndarray
            Those of the cell's share of the time.
        """
        return values[round(self.begin * len(values)) : round(self.end * len(values))]


def cells_of(layout, leads, available):
    """Assign a place to each lead.

    Parameters
    ----------
    layout : str
        One of `LAYOUTS`.
    leads : sequence of str or of tuple of str, or None
        The caller's leads, column by column.
    available : sequence of str
        Leads of the record.

    Returns
    -------
    list of Cell
        The cells. `begin` and `end` are shares of the duration, from 0 to 1.

    Raises
    ------
    ValueError
        If the layout has not as many places as there are leads.
    """
    if layout == "auto":
        layout = _layout_for(leads, available)
    n_columns, n_rows = _SHAPES[layout]
    n_cells = n_columns * n_rows
    if leads is None:
        leads = available[:n_cells] if n_columns == 1 else TWELVE_LEADS
    if len(leads) != n_cells:
        raise ValueError(
            f'layout="{layout}" has a place for {n_cells} leads, but there are {len(leads)}: '
            f"{', '.join(lead_labels(leads)) or 'none'}. Choose another layout, or leads."
        )
    cells = []
    for number, lead in enumerate(leads):
        column, row = divmod(number, n_rows)
        label = label_of(lead, available)
        cells.append(Cell(lead, label, row, column / n_columns, (column + 1) / n_columns))
    if layout == "3x4":
        cells.append(Cell(_RHYTHM, label_of(_RHYTHM, available), n_rows, 0.0, 1.0))
    return cells


def _layout_for(leads, available):
    if leads is not None:
        by_number = {columns * rows: name for name, (columns, rows) in reversed(_SHAPES.items())}
        return by_number.get(len(leads), "1x1")
    n_of_twelve = sum(lead_recipe(lead, available) is not None for lead in TWELVE_LEADS)
    if n_of_twelve >= _MANY_LEADS:
        return "3x4"
    return f"{min(max(len(available), 1), _MOST_ROWS)}x1"
