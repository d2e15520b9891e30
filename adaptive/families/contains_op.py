"""CONTAINS_OP: by the exact type of the container, the right operand."""

from __future__ import annotations

from . import by_type, form, unfit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from adaptive._core import Site

    from . import Outcome

_FORMS = by_type(
    {
        set: form("CONTAINS_OP_SET"),
        frozenset: form("CONTAINS_OP_SET"),
        dict: form("CONTAINS_OP_DICT"),
        list: form("CONTAINS_OP_LIST"),
        tuple: form("CONTAINS_OP_TUPLE"),
        str: form("CONTAINS_OP_STR"),
    }
)


def choose(site: Site) -> Outcome:
    """The form for this exact type of container, or why there is none."""
    (container,) = site.types(1)
    return _FORMS.get(id(container)) or unfit(container)
