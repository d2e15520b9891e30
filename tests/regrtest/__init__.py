"""CPython's own regression suite, plain and on the engine, compared test by test.

``python -m tests.regrtest --help`` says how to run it.  Each file has one part:

- ``record.py``    runs inside the tested process and writes down every outcome
- ``runs.py``      runs one module on one side, in a process and a directory of its own
- ``baseline.py``  keeps the plain host's outcomes between runs
- ``compare.py``   what counts as a difference, and the skip list
- ``subset.py``    the modules of ``--subset ci``, as data
- ``__main__.py``  options, the order of runs, the report
"""
