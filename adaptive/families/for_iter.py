"""FOR_ITER: by the exact type of the iterator."""

from __future__ import annotations

from types import GeneratorType

from . import by_type, form, unfit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from adaptive._core import Site

    from . import Outcome

_FORMS = by_type(
    {
        type(iter([])): form("FOR_ITER_LIST"),
        type(iter(())): form("FOR_ITER_TUPLE"),
        type(iter(range(1))): form("FOR_ITER_RANGE"),
        GeneratorType: form("FOR_ITER_GEN"),
    }
)
#: Iterators whose pairs need not be made where they are taken apart at once.
_PAIRS = by_type(
    {
        type(iter({}.items())): form("FOR_ITER_DICT_ITEMS"),
        enumerate: form("FOR_ITER_ENUMERATE"),
        zip: form("FOR_ITER_ZIP"),
    }
)
_BUILTIN = form("FOR_ITER_BUILTIN")


def choose(site: Site) -> Outcome:
    """The form for this exact type of iterator, or why there is none."""
    (iterator,) = site.types(1)
    if id(iterator) in _FORMS:
        return _FORMS[id(iterator)]
    unpacks = id(iterator) in _PAIRS and site.following == ("UNPACK_SEQUENCE", 2)
    if unpacks and (iterator is not zip or site.is_pairwise):
        return _PAIRS[id(iterator)]
    return _BUILTIN if site.is_builtin else unfit(iterator)
