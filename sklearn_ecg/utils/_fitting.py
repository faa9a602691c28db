"""What a refused fit leaves behind: nothing."""


class FreshFitMixin:
    """Forget an earlier fit before a new one is checked.

    If the new one is refused, for its parameters or its data, the estimator is not fitted. Else an
    old filter would go on under new parameters.
    """

    def _validate_params(self):
        # scikit-learn calls this first in every fit.
        for name in [name for name in vars(self) if name.endswith("_")]:
            delattr(self, name)
        super()._validate_params()
