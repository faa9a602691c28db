"""Optional packages."""

import pytest

from sklearn_ecg.utils._extras import import_extra


def test_missing_package_names_the_extra():
    """The error says what to install."""
    with pytest.raises(ImportError, match=r'no_such_package.*pip install "sklearn-ecg\[plot\]"'):
        import_extra("no_such_package.module", extra="plot")
