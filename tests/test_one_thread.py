"""One thread for the numerical libraries."""

from __future__ import annotations

import signal
import threading

import numpy as np
import pytest
from threadpoolctl import ThreadpoolController, threadpool_info

from coopdistill import one_thread as module
from coopdistill.one_thread import one_thread


def test_libraries_have_one_thread_within_and_those_of_before_after() -> None:
    np.ones((2, 2)) @ np.ones((2, 2))
    before = threadpool_info()
    with one_thread():
        assert {library["num_threads"] for library in threadpool_info()} == {1}
    assert threadpool_info() == before


def test_an_interrupt_while_libraries_are_looked_for_comes_right_after(monkeypatch: pytest.MonkeyPatch) -> None:
    happened: list[str] = []

    def interrupted_search() -> ThreadpoolController:
        try:
            signal.raise_signal(signal.SIGINT)
        except KeyboardInterrupt:  # as a call from the linker loses it
            happened.append("lost")
        return ThreadpoolController()

    monkeypatch.setattr(module, "ThreadpoolController", interrupted_search)
    module._libraries.cache_clear()
    with pytest.raises(KeyboardInterrupt), one_thread():
        happened.append("worked")
    assert not happened


def test_another_thread_than_the_main_one_may_ask() -> None:
    module._libraries.cache_clear()
    found: list[int] = []

    def ask() -> None:
        with one_thread():
            found.extend(library["num_threads"] for library in threadpool_info())

    asking = threading.Thread(target=ask)
    asking.start()
    asking.join()
    assert set(found) == {1}
