"""Which shapes of rows go together, and which are none."""

import pytest

from sklearn_ecg.utils._row_shapes import refuse_leads_first, refuse_one_signal, refuse_segments


@pytest.mark.parametrize("shape", [(2, 3, 4), (1, 1, 1)])
def test_segments_are_refused_where_signals_are_wanted(shape):
    """The error shows the shape."""
    refuse_segments({shape[:2]}, "Reader")
    refuse_segments({shape[:1]}, "Reader")
    with pytest.raises(ValueError, match=rf"row 0 of X has shape \({shape[0]}, .* to Reader"):
        refuse_segments({shape}, "Reader")


def test_one_signal_is_refused_where_rows_are_wanted():
    """A table of more rows than stated, of at most 16 values each: leads, not time steps."""
    for shape in [(16, 16), (17, 17), (2, 5), (20, 3, 1)]:
        refuse_one_signal(shape, "Reader", most_rows=16)
    with pytest.raises(ValueError, match=r"each of its 17 rows would be a signal of 16 time steps"):
        refuse_one_signal((17, 16), "Reader", most_rows=16)


def test_leads_first_is_refused_from_17_on():
    """Sixteen leads of fewer time steps may be a short segment."""
    for shape in [(5,), (1, 16), (17, 17), (3, 2, 16)]:
        refuse_leads_first({shape}, "Reader")
    for shape in [(16, 17), (12, 5000)]:
        with pytest.raises(ValueError, match=f"more leads .{shape[1]}. than time steps"):
            refuse_leads_first({shape}, "Reader")
