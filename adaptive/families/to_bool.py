"""TO_BOOL: by the exact type of the operand, or by what its type lacks."""

from __future__ import annotations

from types import NoneType

from . import by_type, form, unfit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from adaptive._core import Site

    from . import Outcome

_FORMS = by_type(
    {
        bool: form("TO_BOOL_BOOL"),
        int: form("TO_BOOL_INT"),
        list: form("TO_BOOL_LIST"),
        NoneType: form("TO_BOOL_NONE"),
        str: form("TO_BOOL_STR"),
    }
)
_ALWAYS_TRUE = form("TO_BOOL_ALWAYS_TRUE")


def choose(site: Site) -> Outcome:
    """The form for the operand's exact type, or for a type that cannot be false."""
    (operand,) = site.types(1)
    if id(operand) in _FORMS:
        return _FORMS[id(operand)]
    return _ALWAYS_TRUE if site.is_always_true else unfit(operand)
