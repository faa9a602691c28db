"""The forward pass of a network in ONNX Runtime, which needs no TensorFlow."""

import ctypes
import os
import weakref
from importlib.util import find_spec

from sklearn_ecg.utils._extras import import_extra
from sklearn_ecg.utils._jobs import count_threads

_FORWARDS: "weakref.WeakSet[ONNXForward]" = weakref.WeakSet()  # of this process


def has_onnxruntime():
    """Check whether ONNX Runtime is installed.

    Returns
    -------
    bool
        Whether it is.
    """
    return find_spec("onnxruntime") is not None


def import_onnxruntime():
    """Import ONNX Runtime, which then sends nothing to its maker.

    Its official builds, of 1.32 for instance, report how they are used, and keep a number of the
    machine for that. The thread that does so is not in a forked process, which waits for it for
    ever when it exits. Whoever has imported it before, or has set the variable, has decided.

    Returns
    -------
    module
        `onnxruntime`.

    Raises
    ------
    ImportError
        If it is not installed (extra `serve`).
    """
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
    return import_extra("onnxruntime", extra="serve")


class ONNXError(ValueError):
    """ONNX, or the version of ONNX Runtime that is installed, cannot run a network."""


class ONNXForward:
    """The forward pass of a network that was converted.

    Parameters
    ----------
    graph : bytes
        An ONNX model that takes `sequences` and says what it holds for each of their steps, as
        `numbers_per_step` in its metadata.
    for_many : bool, default=False
        Whether to compute each call in its caller's thread, because there are several, and to keep
        the memory of one call for the next, some 20 MB.

    Attributes
    ----------
    numbers_per_step : int
        Numbers that the network holds for each step.

    Raises
    ------
    ONNXError
        If ONNX Runtime cannot open it.
    """

    def __init__(self, graph, for_many=False):
        self._graph, self._for_many = graph, for_many
        self._open()
        _FORWARDS.add(self)

    def _open(self):
        onnxruntime = import_onnxruntime()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1 if self._for_many else count_threads()
        options.inter_op_num_threads = 1
        # Threads that wait for work by asking for it all the time take cores from others.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        # Checked bytes of ONNX may be a file of its own format too, of which nothing was checked.
        options.add_session_config_entry("session.load_model_format", "ONNX")
        options.log_severity_level = 4  # an error is raised, and need not be printed too
        options.enable_cpu_mem_arena = self._for_many
        try:
            self._session = onnxruntime.InferenceSession(
                self._graph, options, providers=["CPUExecutionProvider"]
            )
            metadata = self._session.get_modelmeta().custom_metadata_map
            self.numbers_per_step = int(metadata["numbers_per_step"])
        except Exception as error:  # onnxruntime has a class for each kind
            raise ONNXError(
                "ONNX Runtime cannot open the graph of this network. Update onnxruntime, or "
                "convert the trained network anew."
            ) from error

    def __call__(self, sequences):
        """Compute the logits of some sequences.

        Parameters
        ----------
        sequences : ndarray of shape (n_sequences, n_steps, n_inputs), float32
            Sequences.

        Returns
        -------
        ndarray of shape (n_sequences, n_outputs), float32
            The logits.
        """
        if self._session is None:  # forked
            self._open()
        return self._session.run(["logits"], {"sequences": sequences})[0]

    def for_many(self):
        """Open a second session, for many calls at once, which then take half the time.

        Returns
        -------
        ONNXForward
            The same forward pass, to be called in several threads. Forget it afterwards: it keeps
            memory from call to call.
        """
        return ONNXForward(self._graph, for_many=True)


def _forsake_sessions():
    """Keep each session of the process that this one was forked from, for ever, and use it no more.

    Its threads are not here, and whoever destroys it would wait for them.
    """
    for forward in list(_FORWARDS):
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(forward._session))
        forward._session = None


if hasattr(os, "register_at_fork"):  # not on Windows, which has no fork
    os.register_at_fork(after_in_child=_forsake_sessions)
