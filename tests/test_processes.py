"""Processes that work for a block, and end with it."""

from __future__ import annotations

import os
import threading
import time
import warnings

import pytest

from coopdistill.processes import in_processes


def doubled(number: int, seconds: float = 0.0) -> tuple[int, int]:
    time.sleep(seconds)
    return 2 * number, os.getpid()


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_answers_come_in_the_order_of_the_pieces(n_jobs: int) -> None:
    with in_processes(doubled, [(1, 0.2), (2,), (3,)], n_jobs=n_jobs) as answers:
        assert [answer for answer, _ in answers] == [2, 4, 6]


def test_without_pieces_there_is_nothing() -> None:
    with in_processes(doubled, [], n_jobs=2) as answers:
        assert list(answers) == []


def first_worker_then(error: type[BaseException], workers: list[int]) -> None:
    with in_processes(doubled, [(1,), (2, 60.0), (3, 60.0)], n_jobs=2) as answers:
        workers.append(next(answers)[1])
        raise error


@pytest.mark.skipif(os.name == "nt", reason="asks for a process as POSIX does")
@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
def test_who_leaves_early_leaves_no_process_and_hears_nothing(error: type[BaseException]) -> None:
    workers: list[int] = []
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(error):
            first_worker_then(error, workers)
    assert workers != [os.getpid()]
    with pytest.raises(ProcessLookupError):
        os.kill(workers[0], 0)


def test_who_breaks_off_may_begin_again() -> None:
    for _ in range(2):
        with in_processes(doubled, [(1,), (2,), (3,)], n_jobs=2) as answers:
            assert next(answers)[0] == 2


@pytest.mark.parametrize(("name", "error", "heard"), [("ExecutorManagerThread", KeyError, 0), ("another", KeyError, 1)])
def test_only_the_thread_that_hands_out_cancelled_work_stumbles_unheard(
    name: str, error: type[Exception], heard: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[object] = []
    monkeypatch.setattr(threading, "excepthook", said.append)

    def stumble() -> None:
        raise error("10")

    with in_processes(doubled, [(1,)], n_jobs=1) as answers:
        assert next(answers)[0] == 2
        thread = threading.Thread(target=stumble, name=name)
        thread.start()
        thread.join()
    assert len(said) == heard
    assert threading.excepthook == said.append
