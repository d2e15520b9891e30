"""SEND: generators and coroutines, whose frames run in the same loop."""

from __future__ import annotations

from types import CoroutineType, GeneratorType

from . import form, unfit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from adaptive._core import Site

    from . import Outcome

_GEN = form("SEND_GEN")


def choose(site: Site) -> Outcome:
    """The one form, for receivers of one of the two types."""
    receiver, _ = site.types(2)
    if receiver is GeneratorType or receiver is CoroutineType:
        return _GEN
    return unfit(receiver)
