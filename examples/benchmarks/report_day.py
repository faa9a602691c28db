"""Time the report of a recording of 24 hours by the model that ships, and measure its page.

The recording is synthetic, with ventricular and supraventricular beats and noise, at 360 Hz. Each
number of leads is reported in a fresh process. The program prints the seconds of the whole report,
those of the model alone in the same process, and the size of the page. With the extra `serve`, the
model predicts without TensorFlow.

Usage: python examples/benchmarks/report_day.py [--hours 24] [--fs 360] [--leads 1 2]
"""

import argparse
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from _measuring import markdown_table, peak_memory_gb, synthetic_day

from sklearn_ecg import ECGRecord, plotting, pretrained


def measure(hours, fs, n_leads):
    """Return seconds of the report and of the model, MB of the page and of memory."""
    whole = synthetic_day(hours, fs)
    record = ECGRecord(whole.signal[:, :n_leads].copy(), fs, whole.lead_names[:n_leads])
    del whole
    model, card = pretrained.load_pretrained("beats"), pretrained.model_card("beats")
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter(), time.process_time()
        page = plotting.report(record, model, Path(folder, "report.html"), card=card)
        took = time.perf_counter() - start[0], time.process_time() - start[1]
        size_mb = page.stat().st_size / 1e6
    memory_gb = peak_memory_gb()
    start = time.perf_counter()
    model.annotate(record)
    return *took, time.perf_counter() - start, size_mb, memory_gb


def main():
    """Report days of one and of two leads."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--hours", type=float, default=24)
    parser.add_argument("--fs", type=float, default=360.0)
    parser.add_argument("--leads", type=int, nargs="+", choices=(1, 2), default=(1, 2))
    options = parser.parse_args()
    rows = []
    for n_leads in options.leads:
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
            figures = process.submit(measure, options.hours, options.fs, n_leads).result()
        rows.append([n_leads, *(f"{figure:.1f}" for figure in figures)])
    print(markdown_table(["leads", "s", "s of processor", "model alone, s", "MB", "GB"], rows))


if __name__ == "__main__":
    main()
