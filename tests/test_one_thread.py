"""One thread for the numerical libraries, and Ctrl-C while they are looked for."""

from __future__ import annotations

import signal
import threading

import numpy as np
import pytest
from threadpoolctl import ThreadpoolController, threadpool_info

from coopdistill import one_thread as module
from coopdistill.one_thread import one_thread


@pytest.fixture
def looked_for(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What happened during a search that the user interrupts, and that swallows what is raised, as the linker does."""
    happened: list[str] = []

    def interrupted_search() -> ThreadpoolController:
        try:
            signal.raise_signal(signal.SIGINT)
        except KeyboardInterrupt:
            happened.append("lost")
        happened.append("ended")
        return ThreadpoolController()

    monkeypatch.setattr(module, "ThreadpoolController", interrupted_search)
    module._libraries.cache_clear()
    return happened


def test_libraries_have_one_thread_within_and_those_of_before_after() -> None:
    np.ones((2, 2)) @ np.ones((2, 2))
    before = threadpool_info()
    with one_thread():
        assert {library["num_threads"] for library in threadpool_info()} == {1}
    assert threadpool_info() == before


def test_an_interrupt_during_the_search_comes_right_after_it(looked_for: list[str]) -> None:
    handler = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt), one_thread():
        looked_for.append("worked")
    assert looked_for == ["ended"]
    assert signal.getsignal(signal.SIGINT) is handler


def test_a_process_that_ignores_interrupts_goes_on_doing_so(looked_for: list[str]) -> None:
    handler = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with one_thread():
            looked_for.append("worked")
    finally:
        signal.signal(signal.SIGINT, handler)
    assert looked_for == ["ended", "worked"]


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
