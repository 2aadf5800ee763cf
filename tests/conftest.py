import os
import signal
from pathlib import Path

import pytest
from hypothesis import settings

from coopdistill.datasets.source import DATA_VARIABLE

# The same examples on every machine, however slow: a failure is a failure of the code.
settings.register_profile("coopdistill", deadline=None, derandomize=True)
settings.load_profile("coopdistill")

# A shell starts what works in the background without Ctrl-C, which is what some tests are about.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def data_folder() -> Path:
    """The folder with the real files; a test that needs it is left out only where none is named."""
    folder = os.environ.get(DATA_VARIABLE)
    if not folder:
        pytest.skip(f"{DATA_VARIABLE} is not set: no folder with the real files")
    return Path(folder)
