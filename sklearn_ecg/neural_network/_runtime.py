"""Start TensorFlow as a guest: quietly, and on no more cores than this process is given."""

import ctypes
import gc
import logging
import os
import re
import sys
import tempfile
import threading
import warnings
from contextlib import contextmanager, suppress

# SciKeras seeds the random generators of the whole process, so one fit goes at a time.
fit_lock = threading.RLock()

# What TensorFlow's C++ libraries print on start-up, whatever TF_CPP_MIN_LOG_LEVEL says.
_CHATTER = re.compile(
    rb"WARNING: All log messages before absl::InitializeLog"
    rb"|port\.cc:\d+\] oneDNN custom operations are on"
    rb"|cudart_stub\.cc:\d+\] Could not find cuda drivers"
    rb"|cuda_platform\.cc:\d+\] failed call to cuInit"
    rb"|cpu_feature_guard\.cc:\d+\] This TensorFlow binary is optimized"
    rb"|util\.cc:\d+\] oneDNN supports DT_BOOL only"
    rb"|generator_dataset_op\.cc:\d+\] Memory patch applied"
    rb"|To enable the following instructions: .* rebuild TensorFlow"
)


def start_tensorflow():
    """Import TensorFlow, the first time within this process with care.

    It then uses as many threads as the process may: joblib tells its workers their share of the
    cores in `OMP_NUM_THREADS`, which TensorFlow itself does not read. Whoever has imported
    TensorFlow before, or has set its own variables, has decided already.
    """
    if "tensorflow" in sys.modules:
        return
    with fit_lock, _without_chatter():
        import tensorflow as tf

        share = os.environ.get("OMP_NUM_THREADS", "")
        threading_config = tf.config.threading
        if share.isdigit() and int(share) > 0:
            if "TF_NUM_INTRAOP_THREADS" not in os.environ:
                threading_config.set_intra_op_parallelism_threads(int(share))
            if "TF_NUM_INTEROP_THREADS" not in os.environ:
                threading_config.set_inter_op_parallelism_threads(int(share))
        # The last lines are printed when operations first run; of those on masks, on older CPUs.
        tf.transpose([[True]])
        list(tf.data.Dataset.from_generator(lambda: [0], output_signature=tf.TensorSpec(())))


@contextmanager
def _without_chatter():
    """Hold back what this process writes to file descriptor 2, then pass on all but chatter."""
    try:
        sys.stderr.flush()
        original = os.dup(2)
    except (AttributeError, OSError):  # no standard error at all: nothing to keep quiet
        yield
        return
    with tempfile.TemporaryFile() as held_back:
        os.dup2(held_back.fileno(), 2)
        try:
            yield
        finally:
            sys.stderr.flush()
            os.dup2(original, 2)
            os.close(original)
            held_back.seek(0)
            for line in held_back:
                if not _CHATTER.search(line):
                    os.write(2, line)


def release_memory():
    """Free what earlier training left in reference cycles, and give memory back to the system.

    Some 40 MB a fit would be freed at some later time in any case. But what is built meanwhile
    would lie scattered among it, and keep the pages around it from being given back.
    """
    gc.collect()
    with suppress(AttributeError, OSError):  # only glibc has it
        ctypes.CDLL(None).malloc_trim(0)


@contextmanager
def quiet_keras():
    """Silence two messages that say nothing about the user's own code, while training.

    TensorFlow counts every new network as a retracing, and Keras 3.15 hands variables to NumPy 2
    without the `copy` argument.
    """
    logger = logging.getLogger("tensorflow")
    logger.addFilter(_is_not_about_retracing)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings(
                "ignore", message="__array__ implementation doesn't accept a copy keyword"
            )
            yield
    finally:
        logger.removeFilter(_is_not_about_retracing)


def _is_not_about_retracing(record):
    return "retracing" not in record.getMessage()
