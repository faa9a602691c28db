"""Networks as ONNX graphs: a converter for each part of a network, and what runs the graphs."""
