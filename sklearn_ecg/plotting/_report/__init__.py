"""A report of one recording, as a page that a browser opens without a network."""

from sklearn_ecg.plotting._report._reporting import report

__all__ = ["report"]
