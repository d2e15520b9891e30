"""UNPACK_SEQUENCE: an exact tuple or list with one item per target."""

from __future__ import annotations

from . import form, refusal, unfit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from adaptive._core import Site

    from . import Outcome

_TWO_TUPLE = form("UNPACK_SEQUENCE_TWO_TUPLE")
_TUPLE = form("UNPACK_SEQUENCE_TUPLE")
_LIST = form("UNPACK_SEQUENCE_LIST")


def choose(site: Site) -> Outcome:
    """The form for this exact type and number of targets, or why there is none."""
    (sequence,) = site.types(1)
    if sequence is not tuple and sequence is not list:
        return unfit(sequence, builtin="not_a_tuple_or_list")
    if site.length != site.oparg:
        return refusal("other_length")
    if sequence is list:
        return _LIST
    return _TWO_TUPLE if site.oparg == 2 else _TUPLE
