"""Whole programs under the default policy, and under the stress modes."""

from __future__ import annotations

import pytest
import support

from . import programs_classes, programs_generators, programs_loops

MODULES = (programs_classes, programs_generators, programs_loops)
PROGRAMS = {
    f"{module.__name__.rpartition('_')[2]}: {name}": source
    for module in MODULES
    for name, source in module.PROGRAMS.items()
}
TRACED = {**programs_generators.TRACED, **programs_classes.TRACED}
STRESS = ("deopt:1", "deopt:2", "specialize", "specialize,deopt:3", "bail,deopt:4")


@pytest.mark.parametrize("name", PROGRAMS)
def test_same_as_host(name: str) -> None:
    """S0-13, S0-45, S1-18, S1-19, S1-22, S1-31, S2-45, S2-46: and same log."""
    assert support.same(PROGRAMS[name]).how == "returned"


@pytest.mark.parametrize("name", TRACED)
def test_same_when_traced(name: str) -> None:
    """S1-23: events from where the host would have sent them."""
    allowed = support.ALLOWED | {"tracing"}
    assert support.same(TRACED[name], allowed=allowed).how == "returned"


@pytest.mark.parametrize("stress", STRESS)
@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_same_under_stress(module: object, stress: str) -> None:
    """S0-12, S1-09: guards that fail for no reason change nothing."""
    name = getattr(module, "__name__", "")
    support.agree_under_stress(name, stress)
