"""The forward pass of a network, and its gradient, compiled once."""

from sklearn_ecg.neural_network._layers import directions, runs_in_one_operation
from sklearn_ecg.neural_network._runtime import start_tensorflow


class KerasForward:
    """The forward pass of a network, traced once, for sequences of any number and length.

    Parameters
    ----------
    network : keras.Model
        A network that takes `(n_sequences, n_steps, n_inputs)`. Later changes of its weights change
        the results.

    Attributes
    ----------
    numbers_per_step : int
        Numbers that the network holds for each step.
    """

    def __init__(self, network):
        import tensorflow as tf

        self.numbers_per_step = numbers_per_step(network)
        signature = tf.TensorSpec((None, None, network.input_shape[-1]), tf.float32)
        # There is no Python control flow to convert, and on Python 3.13 AutoGraph complains.
        forward = tf.function(lambda sequences: network(sequences, training=False), autograph=False)
        self._function = forward.get_concrete_function(signature)

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

        Raises
        ------
        RuntimeError
            If this process was forked from one in which TensorFlow had run.
        """
        start_tensorflow()  # or refuse a forked process
        return self._function(sequences).numpy()


def compile_gradient(network):
    """Trace the gradient of a network's outputs once, for sequences of any number and length.

    Parameters
    ----------
    network : keras.Model
        A network that takes `(n_sequences, n_steps, n_inputs)`.

    Returns
    -------
    callable
        Takes an array of that shape, and a weight of each output of each sequence, of shape
        (n_sequences, n_outputs). Returns the gradient of the weighted sum, a tensor of the shape of
        the first.
    """
    import tensorflow as tf

    def gradient(sequences, weights):
        with tf.GradientTape() as tape:
            tape.watch(sequences)
            total = tf.reduce_sum(weights * network(sequences, training=False))
        return tape.gradient(total, sequences)

    signature = (
        tf.TensorSpec((None, None, network.input_shape[-1]), tf.float32),
        tf.TensorSpec((None, network.output_shape[-1]), tf.float32),
    )
    return tf.function(gradient, autograph=False).get_concrete_function(*signature)


def numbers_per_step(network):
    """Count what a network's input and layers hold for each step of a sequence.

    Parameters
    ----------
    network : keras.Model
        A network.

    Returns
    -------
    int
        Numbers.
    """
    import tensorflow as tf

    outputs = tf.nest.flatten([layer.output for layer in network.layers])
    # None where each step is compared with all others: no number that can be known.
    numbers = sum(output.shape[-1] or 0 for output in outputs if len(output.shape) == 3)
    # Where one operation takes all steps of an LSTM, it puts out seven for each unit, of which the
    # layer's output, if it is one for each step, is counted already.
    for layer in network.layers:
        for part in filter(runs_in_one_operation, directions(layer)):
            numbers += (7 - part.return_sequences) * part.units
    return numbers
