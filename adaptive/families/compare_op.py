"""COMPARE_OP: by the exact types of the two operands."""

from __future__ import annotations

from . import form, refusal, unfit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from adaptive._core import Site

    from . import Outcome

_INT = form("COMPARE_OP_INT")
_FLOAT = form("COMPARE_OP_FLOAT")
_STR = form("COMPARE_OP_STR")
_STR_ORDER = form("COMPARE_OP_STR_ORDER")
_NUMBER = form("COMPARE_OP_NUMBER")
_IDENTITY = form("COMPARE_OP_IDENTITY")
_EQUALITY = ("==", "!=")


def choose(site: Site) -> Outcome:
    """The form for these exact operand types, or why there is none."""
    left, right = site.types(2)
    if site.is_compared_by_identity and site.operator in _EQUALITY:
        return _IDENTITY
    if left is not right:
        if site.is_pair_of_numbers:
            return _NUMBER
        return unfit(left, right, builtin="mixed_types")
    if left is int:
        return _INT if site.is_pair_of_compact else refusal("big_int")
    if left is float:
        return _FLOAT
    if left is str:
        return _STR if site.operator in _EQUALITY else _STR_ORDER
    return unfit(left)
