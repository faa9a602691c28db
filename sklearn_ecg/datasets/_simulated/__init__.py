"""Simulated electrocardiograms, whose truth is known."""
