"""Models that ship with the package, each with its card."""

from sklearn_ecg.pretrained._loading import ModelCard, load_pretrained, model_card

__all__ = ["ModelCard", "load_pretrained", "model_card"]
