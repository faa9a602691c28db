"""Files of electrocardiograms: a module for each format, and what reads one or many."""
