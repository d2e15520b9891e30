"""Real packages' own test suites, plain and on the engine, compared test by test.

``python -m tests.packages --help`` says how to run it.  It needs the package index and
some minutes, so it is no part of an ordinary test run.  Each file has one part:

- ``catalog.py``   the packages, their versions, what of their suites is run, as data
- ``prepare.py``   the source archive, and an environment with what the tests need
- ``recorder.py``  the pytest plugin that writes down every outcome
- ``__main__.py``  options, the runs of both sides, the report

How a process is run to its end and what counts as a difference is shared with
``tests.regrtest``.
"""
