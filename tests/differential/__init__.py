"""Random programs, the host against the engine.

``python -m tests.differential --help`` says how to run it.  Each file has one part:

- ``grammar*.py``  what programs are made of, as data: templates with holes
- ``templates.py`` the templates parsed, and the choice among them
- ``gen.py``       fills templates from a seed; scopes, signatures, whole programs
- ``prelude.py``   what every program may use: logging, awaitables, classes with dunders
- ``observe.py``   runs a program on one side and notes everything a program can see
- ``worker.py``    a process that compares a range of seeds
- ``pool.py``      such processes, started and watched
- ``reduce.py``    deletes lines from a program while it still differs
- ``__main__.py``  options, worker processes, the report
"""
