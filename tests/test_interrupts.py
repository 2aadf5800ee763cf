"""Ctrl-C where it would be lost."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import numpy as np
import pytest
from sklearn.neural_network import MLPClassifier

from coopdistill import CooperativeDistillation, Participant
from coopdistill.interrupts import interrupts_last, interrupts_wait

Block = Callable[[], AbstractContextManager[None]]

either = pytest.mark.parametrize("block", [interrupts_last, interrupts_wait])


@pytest.fixture(autouse=True)
def handler_stays() -> Iterator[None]:
    before = signal.getsignal(signal.SIGINT)
    yield
    assert signal.getsignal(signal.SIGINT) is before


@either
def test_what_is_caught_within_is_raised_at_the_end(block: Block) -> None:
    with pytest.raises(KeyboardInterrupt), block(), contextlib.suppress(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)


def test_a_block_within_a_block() -> None:
    caught = contextlib.suppress(KeyboardInterrupt)
    with pytest.raises(KeyboardInterrupt), interrupts_last(), caught, interrupts_last(), caught:
        signal.raise_signal(signal.SIGINT)


@either
def test_another_error_is_the_one_that_is_raised(block: Block) -> None:
    with pytest.raises(ValueError, match="first"), block():
        raise ValueError("first")


@either
def test_who_handles_interrupts_otherwise_is_asked_once(block: Block) -> None:
    heard: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _frame: heard.append(number))
    try:
        with block():
            signal.raise_signal(signal.SIGINT)
    finally:
        signal.signal(signal.SIGINT, before)
    assert heard == [signal.SIGINT]


@either
def test_who_ignores_interrupts_goes_on_doing_so(block: Block) -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with block():
            signal.raise_signal(signal.SIGINT)
    finally:
        signal.signal(signal.SIGINT, before)


@either
def test_other_threads_are_left_alone(block: Block) -> None:
    done = []

    def work() -> None:
        with block():
            done.append(True)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert done


def test_a_perceptron_that_stops_training_does_not_go_on_half_trained() -> None:
    class Interrupted(MLPClassifier):
        """In its third epoch."""

        def _update_no_improvement_count(self, *given: object) -> None:
            super()._update_no_improvement_count(*given)
            if self.n_iter_ == 3:
                signal.raise_signal(signal.SIGINT)

    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 2))
    y = (X[:, 0] > 0).astype(int)
    with pytest.warns(UserWarning, match="interrupted"):
        assert Interrupted(random_state=0).fit(X, y).n_iter_ == 3  # which is what scikit-learn does
    both = [Participant(name, Interrupted(random_state=0), X[rows], y[rows]) for name, rows in _halves(len(X))]
    with pytest.raises(KeyboardInterrupt):
        CooperativeDistillation(random_state=0).fit(both)


def _halves(n_rows: int) -> list[tuple[str, slice]]:
    return [("first", slice(n_rows // 2)), ("second", slice(n_rows // 2, None))]
