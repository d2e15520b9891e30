"""The tested process: regrtest as ``python -m test`` runs it, with a recorder.

Run as a script, never imported by the runner: the same file is started by the plain
interpreter and by ``python -m adaptive``.  It owns the format of the events file, one
JSON array per line (``runs.py`` reads it):

    ["start", id]  ["end", id, outcome, detail]  ["subtests", id, passed]
    ["counters", {...}]

JUnit XML is not used because it drops sub-tests, failures of ``setUpClass``, and
everything when the process dies.
"""

import json
import os
import sys
from typing import Any

DETAIL_CHARS = 6000  # of a traceback's end; enough to see where an assert failed
ADDED_PATH = "ADAPTIVE_REGRTEST_PATH"  # what the runner put on PYTHONPATH, to be undone


class Events:
    """Appends events to a file that is open only while it is written.

    A descriptor held open would be seen, or closed, by tests that count descriptors.
    The functions are bound here because tests replace the ones in ``os``.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._pid = os.getpid()
        self._open, self._write, self._close = os.open, os.write, os.close
        self._getpid, self._dumps = os.getpid, json.dumps

    def add(self, *event: Any) -> None:
        """Append one event; forked children are silent."""
        if self._getpid() != self._pid:
            return
        line = self._dumps(event).encode() + b"\n"
        fd = self._open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            self._write(fd, line)
        finally:
            self._close(fd)


def name_of(test: Any) -> str:
    """The id of a test case, or what stands for one (``setUpClass (...)``)."""
    try:
        return str(test.id())
    except (AttributeError, TypeError):
        return str(test)


def recording(base: type, events: Events) -> type:
    """A subclass of regrtest's result class that also writes events."""

    class Recording(base):  # type: ignore[misc, valid-type]
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self._passed_subtests = 0

        def _end(self, test: Any, outcome: str, err: Any = None) -> None:
            detail = self._exc_info_to_string(err, test) if err else ""
            events.add("end", name_of(test), outcome, detail[-DETAIL_CHARS:])

        def startTest(self, test: Any) -> None:
            self._passed_subtests = 0
            events.add("start", name_of(test))
            super().startTest(test)

        def stopTest(self, test: Any) -> None:
            if self._passed_subtests:
                events.add("subtests", name_of(test), self._passed_subtests)
            super().stopTest(test)

        def addSuccess(self, test: Any) -> None:
            self._end(test, "passed")
            super().addSuccess(test)

        def addError(self, test: Any, err: Any) -> None:
            self._end(test, "error", err)
            super().addError(test, err)

        def addFailure(self, test: Any, err: Any) -> None:
            self._end(test, "failed", err)
            super().addFailure(test, err)

        def addSkip(self, test: Any, reason: str) -> None:
            self._end(test, "skipped")
            super().addSkip(test, reason)

        def addExpectedFailure(self, test: Any, err: Any) -> None:
            self._end(test, "expected failure")
            super().addExpectedFailure(test, err)

        def addUnexpectedSuccess(self, test: Any) -> None:
            self._end(test, "unexpected success")
            super().addUnexpectedSuccess(test)

        def addSubTest(self, test: Any, subtest: Any, err: Any) -> None:
            if err is None:
                self._passed_subtests += 1
            else:
                failed = issubclass(err[0], test.failureException)
                self._end(subtest, "failed" if failed else "error", err)
            super().addSubTest(test, subtest, err)

    return Recording


def leave_no_trace_of_runner() -> None:
    """Give ``sys.path`` and the environment the shape they have in ``-m test``."""
    added = os.environ.pop(ADDED_PATH, "")
    if added:
        del os.environ["PYTHONPATH"]
        sys.path[:] = [entry for entry in sys.path if entry != added]
    here = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [os.getcwd(), *(entry for entry in sys.path if entry != here)]


def note_counters(events: Events) -> None:
    """Write down how much ran on the engine, where there is one."""
    engine = sys.modules.get("adaptive")
    if engine is not None:
        events.add("counters", engine.counters())


def main() -> None:
    """``record.py EVENTS_FILE [regrtest options] test_module``."""
    events = Events(sys.argv[1])
    arguments = sys.argv[2:]
    leave_no_trace_of_runner()

    # Late, so that the suite is found on the path as it will be while it runs.
    import test
    from test.libregrtest import main as regrtest
    from test.libregrtest import testresult

    sys.argv = [os.path.join(test.__path__[0], "__main__.py"), *arguments]
    testresult.RegressionTestResult = recording(testresult.RegressionTestResult, events)
    try:
        regrtest.main()
    finally:
        note_counters(events)


if __name__ == "__main__":
    main()
