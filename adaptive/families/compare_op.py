"""COMPARE_OP: by the exact type that both operands have."""

from __future__ import annotations

from . import form, refusal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from adaptive._core import Site

    from . import Outcome

_INT = form("COMPARE_OP_INT")
_FLOAT = form("COMPARE_OP_FLOAT")
_STR = form("COMPARE_OP_STR")
_STR_ORDER = form("COMPARE_OP_STR_ORDER")


def choose(site: Site) -> Outcome:
    """The form for operands of one exact type, or why there is none."""
    left, right = site.types(2)
    if left is not right:
        return refusal("mixed_types")
    if left is int:
        return _INT if site.is_pair_of_compact else refusal("big_int")
    if left is float:
        return _FLOAT
    if left is str:
        return _STR if site.operator in ("==", "!=") else _STR_ORDER
    return refusal("no_form_for_types")
