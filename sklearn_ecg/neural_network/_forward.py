"""The forward pass of a network, compiled once."""

from sklearn_ecg.neural_network._layers import directions, runs_in_one_operation


def compile_forward(network):
    """Trace the network's forward pass once, for sequences of any number and length.

    Parameters
    ----------
    network : keras.Model
        A network that takes `(n_sequences, n_steps, n_inputs)`.

    Returns
    -------
    callable
        Takes an array of that shape, returns a tensor of logits.
    """
    import tensorflow as tf

    signature = tf.TensorSpec((None, None, network.input_shape[-1]), tf.float32)
    # There is no Python control flow to convert, and on Python 3.13 AutoGraph complains.
    forward = tf.function(lambda sequences: network(sequences, training=False), autograph=False)
    return forward.get_concrete_function(signature)


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
