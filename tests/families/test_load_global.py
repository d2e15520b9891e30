"""LOAD_GLOBAL: both forms' lives, by what happens to the two namespaces."""

from __future__ import annotations

import pytest
import support

from . import life
from .life import Case, Refusal

#: A function in namespaces of its own: `space` and `own`, its builtins.
SPACES = """
import builtins, types
class Sub(dict):
    def __missing__(self, name):
        LOG.append(name)
        return name
    def __getitem__(self, name):
        LOG.append(name)
        return dict.__getitem__(self, name)
own = dict(vars(builtins))
space = {"__builtins__": own, "g": [1]}
def module():
    return g
def builtin():
    return len
def called():
    return g(), len(())
f = types.FunctionType(CODE.__code__, space)
"""
MODULE = SPACES.replace("CODE", "module")
BUILTIN = SPACES.replace("CODE", "builtin")
SUBCLASS = MODULE.replace('{"__builtins__": own,', "Sub(__builtins__=own); more = {")

#: What is done to the names, and what the sites become of it.
CHANGES = (
    ("MODULE", MODULE, "space['new'] = 1", "MODULE"),
    ("MODULE", MODULE, "del space['g']; space['g'] = [2]", "MODULE"),
    ("MODULE", MODULE, "del space['g']; own['g'] = 3", "BUILTIN"),
    ("MODULE", MODULE, "own['g'] = 3; space.clear()", "BUILTIN"),
    ("MODULE", MODULE, "del space['g']", "name_not_found"),
    ("MODULE", MODULE, "space[5] = 1", "not_a_plain_dict"),
    ("MODULE", MODULE, "space.update(dict.fromkeys('abcdefghijk'))", "MODULE"),
    ("BUILTIN", BUILTIN, "space['new'] = 1", "BUILTIN"),
    ("BUILTIN", BUILTIN, "space['len'] = 5", "MODULE"),
    ("BUILTIN", BUILTIN, "own['new'] = 5", "BUILTIN"),
    ("BUILTIN", BUILTIN, "del own['len']", "name_not_found"),
    ("BUILTIN", BUILTIN, "own[5] = 5", "not_a_plain_dict"),
    ("BUILTIN", BUILTIN, "space[5] = 1", "not_a_plain_dict"),
)
CASES = [
    case
    for form, source, change, after in CHANGES
    for case in life.cases("LOAD_GLOBAL", (form, source, "", "", after), change=change)
]

REFUSALS = life.refusals(
    "LOAD_GLOBAL",
    ("name_not_found", "def f():\n    return nothing\n", ""),
    ("not_a_plain_dict", SUBCLASS, ""),
    ("not_a_plain_dict", SUBCLASS, "", "LOAD_GLOBAL_MODULE"),
    ("name_not_found", BUILTIN, "", "LOAD_GLOBAL_MODULE"),
    ("shadowed", MODULE, "", "LOAD_GLOBAL_BUILTIN"),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_life(case: Case) -> None:
    """S1-12, S1-13, S1-31, S2-10, S2-11, S2-44: the form's beats."""
    life.check_life(case)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_results(case: Case) -> None:
    """S0-13: whatever comes after what, in a form that stays."""
    life.check_results(case)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_no_drift(case: Case) -> None:
    """S2-52: no reference is lost or kept."""
    life.check_no_drift(case)


@pytest.mark.parametrize("refusal", REFUSALS, ids=str)
def test_refusal(refusal: Refusal) -> None:
    """S1-09, S2-30: the base stays, and tries again after twice the distance."""
    life.check_refusal(refusal)


#: Values that change under unchanged names: no miss, and seen at once.
VALUES = (
    (MODULE, "space['g'] = [2]", "[2]"),
    (MODULE, "own['g'] = 3", "[1]"),
    (BUILTIN, "own['len'] = 'patched'", "'patched'"),
    (BUILTIN, "own['g'] = 3", "<built-in function len>"),
)


@pytest.mark.parametrize(("source", "change", "expected"), VALUES)
def test_new_values_are_seen(source: str, change: str, expected: str) -> None:
    """S1-31: by the very next execution, whether or not the guard holds."""
    program = life.Program(Case("LOAD_GLOBAL_MODULE", source, ""))
    with support.hot_engine():
        for _ in range(life.PASSED + 1 + life.HITS):
            program.seen("f()")
        assert program.site().opname != "LOAD_GLOBAL"
        program.change(change)
        assert repr(program.names["f"]()) == expected


def test_a_value_dies_when_it_is_replaced() -> None:
    """S2-52: the cache holds no reference."""
    program = life.Program(Case("LOAD_GLOBAL_MODULE", MODULE, ""))
    program.change("class V: pass\nimport weakref\nspace['g'] = V()")
    program.change("seen = weakref.ref(space['g'])")
    with support.hot_engine():
        for _ in range(life.PASSED + 1 + life.HITS):
            program.names["f"]()
        assert program.site().opname == "LOAD_GLOBAL_MODULE"
        program.change("space['g'] = 1")
        assert program.names["seen"]() is None
        assert program.names["f"]() == 1
