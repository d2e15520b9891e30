"""The rules: which form a site gets, one module per family, each with a `choose`.

A rule is given a `Site`, which answers questions about one instruction and what it
works on at this moment, and returns a form or the reason why there is none, never
None.  Rules hold no state and change nothing, so any of them can be replaced
(`adaptive.Policy`).  The guards and actions of the forms are in the ``.pxi`` file of
the same name; whatever a rule says, the engine commits a form only where it does what
its base does.
"""

from __future__ import annotations

from adaptive import isa, reasons

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from adaptive._core import Site

    #: What a rule returns.
    Outcome: TypeAlias = isa.Instruction | reasons.Reason
    Rule: TypeAlias = Callable[[Site], Outcome]


def form(name: str) -> isa.Instruction:
    """The form of this name.  Raises KeyError if there is none."""
    return isa.BY_NUMBER[isa.NUMBER[name]]


def refusal(name: str) -> reasons.Reason:
    """The reason of this name.  Raises KeyError if there is none."""
    return reasons.BY_NAME[name]


def by_type(table: dict[type, Outcome]) -> dict[int, Outcome]:
    """The table by the types' addresses, which are never reused: C's own types stay.

    A type in a dict's key would be asked for its hash, and its metaclass would answer.
    """
    return {id(kind): outcome for kind, outcome in table.items()}


#: Builtin types that some form is for.
_BASES = (int, float, str, list, tuple, dict, set, frozenset)
_FLAGS = type.__dict__["__flags__"]
#: object.h's Py_TPFLAGS_HEAPTYPE and _IMMUTABLETYPE: of the types that are made at run
#: time, C's own (array.array, re.Pattern) forbid changes.
_HEAP_TYPE, _IMMUTABLE = 1 << 9, 1 << 8


def is_subclass(kind: type) -> bool:
    """Whether it is derived from a builtin type that some form is for."""
    return issubclass(kind, _BASES) and not any(kind is base for base in _BASES)


def is_class(kind: type) -> bool:
    """Whether a class statement made it."""
    flags: int = _FLAGS.__get__(kind)
    return flags & (_HEAP_TYPE | _IMMUTABLE) == _HEAP_TYPE


def unfit(*kinds: type, builtin: str = "other_builtin") -> reasons.Reason:
    """Why no form works on values of these types; `builtin` if C has made them all.

    Asks nothing of the types that a metaclass could answer.
    """
    if any(map(is_subclass, kinds)):
        return refusal("subclass")
    if any(map(is_class, kinds)):
        return refusal("special_method")
    return refusal(builtin)
