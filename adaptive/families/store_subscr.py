"""STORE_SUBSCR: by the exact types of container and key."""

from __future__ import annotations

from . import form, refusal, unfit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from adaptive._core import Site

    from . import Outcome

_DICT = form("STORE_SUBSCR_DICT")
_LIST_INT = form("STORE_SUBSCR_LIST_INT")
_NUMBER = form("STORE_SUBSCR_NUMBER")


def choose(site: Site) -> Outcome:
    """The form for these exact types, or why there is none."""
    container, key = site.types(2)
    if container is list and key is int:
        return _LIST_INT if site.is_compact else refusal("big_int")
    if site.stores_number:
        return _NUMBER
    if container is list:
        return refusal("index_not_an_int")
    return _DICT if container is dict else unfit(container)
