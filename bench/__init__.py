"""Speed of programs on the engine against the plain host, measured side by side.

`pytest bench/` records every program with pytest-benchmark, `python -m bench` is the
quick table. Both measure what `programs.py` and `micro.py` declare.
"""
