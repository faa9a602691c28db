"""Start TensorFlow as a guest: quietly, and on no more cores than this process is given."""

import ctypes
import gc
import logging
import os
import re
import sys
import tempfile
import threading
from contextlib import contextmanager, suppress

from sklearn_ecg.utils._warning import ignored_warnings

# SciKeras seeds the random generators of the whole process, so one fit goes at a time.
fit_lock = threading.RLock()

# The process in which TensorFlow was started for this package.
_started_in: int | None = None

# Lines that TensorFlow's C++ libraries print on start-up, for any TF_CPP_MIN_LOG_LEVEL.
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

    Raises
    ------
    ImportError
        If TensorFlow is not installed.
    RuntimeError
        If Keras runs on another backend, or this process was forked from one in which TensorFlow
        had run: there it would wait for ever for threads that it does not have.
    """
    global _started_in
    if _started_in is not None:
        if _started_in != os.getpid():
            raise RuntimeError(
                "This process was forked from one in which TensorFlow had run, and TensorFlow "
                "cannot run in both. Use joblib's default backend (loky), "
                'multiprocessing.get_context("spawn"), or threads.'
            )
        return
    with fit_lock, _without_chatter():
        if "tensorflow" not in sys.modules:
            _import_tensorflow()
        _check_backend()
    _started_in = os.getpid()


def has_gpu():
    """Check whether TensorFlow uses a GPU.

    Returns
    -------
    bool
        Whether it does.
    """
    import tensorflow as tf

    return bool(tf.config.get_visible_devices("GPU"))


def _import_tensorflow():
    try:
        import tensorflow as tf
    except ModuleNotFoundError as error:
        raise ImportError(
            "LSTMClassifier needs TensorFlow, which is not installed, but for the predictions of a "
            "model that sklearn_ecg.persistence.to_onnx has made, with onnxruntime."
        ) from error

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


def _check_backend():
    try:
        import keras

        backend = keras.config.backend()
    except ImportError as error:  # of a backend that is not installed
        cause, backend = error, error.name
    else:
        cause = None
    if backend != "tensorflow":
        raise RuntimeError(
            f"Keras runs on {backend} in this process, but LSTMClassifier needs TensorFlow. Set "
            "the environment variable KERAS_BACKEND to tensorflow before anything imports Keras; "
            "it takes precedence over the file keras.json."
        ) from cause


@contextmanager
def _without_chatter():
    """Hold back the output of this process to file descriptor 2, then pass on all but chatter.

    TensorFlow 2.21 still prints before it reads TF_CPP_MIN_LOG_LEVEL. The release that does not
    lets this go, and `test_tensorflow_still_chatters` then fails.
    """
    try:
        sys.stderr.flush()
        original = os.dup(2)
    except (AttributeError, OSError):  # no standard error at all: nothing to keep quiet
        yield
        return
    try:
        held_back = tempfile.TemporaryFile()
    except OSError:  # nothing may be written, as in a locked container: the chatter is heard
        os.close(original)
        yield
        return
    with held_back:
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

    Some 40 MB a fit would be freed at some later time in any case. But objects built meanwhile
    would lie scattered among it, and keep the pages around it from being given back.
    """
    gc.collect()
    with suppress(AttributeError, OSError, TypeError):  # only glibc has it; Windows takes no None
        ctypes.CDLL(None).malloc_trim(0)


@contextmanager
def own_settings():
    """Build networks in float32, channels last, under any settings of this process.

    Keras keeps them globally, and layers and losses read them when they are made. A network that
    obeyed them could not be loaded in a process with others.
    """
    start_tensorflow()
    from keras import config

    policy, floats, data_format = config.dtype_policy(), config.floatx(), config.image_data_format()
    config.set_floatx("float32")
    config.set_dtype_policy("float32")
    config.set_image_data_format("channels_last")
    try:
        yield
    finally:
        config.set_floatx(floats)
        config.set_dtype_policy(policy)
        config.set_image_data_format(data_format)


@contextmanager
def keras_at_work():
    """Have Keras, and SciKeras, for oneself: one thread at a time, own settings, no chatter.

    Two messages say nothing about the user's own code: TensorFlow counts every new network as a
    retracing, and Keras 3.15 hands variables to NumPy 2 without the `copy` argument.
    """
    logger = logging.getLogger("tensorflow")
    no_copies = ignored_warnings("__array__ implementation doesn't accept a copy keyword")
    with fit_lock, own_settings(), no_copies:
        logger.addFilter(_is_not_about_retracing)
        try:
            yield
        finally:
            logger.removeFilter(_is_not_about_retracing)


def _is_not_about_retracing(record):
    return "retracing" not in record.getMessage()
