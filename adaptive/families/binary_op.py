"""BINARY_OP: by the operator and the exact types of the two operands."""

from __future__ import annotations

from . import by_type, form, refusal, unfit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from adaptive._core import Site

    from . import Outcome

_KNOWN = {
    ("+", int, int): form("BINARY_OP_ADD_INT"),
    ("-", int, int): form("BINARY_OP_SUBTRACT_INT"),
    ("*", int, int): form("BINARY_OP_MULTIPLY_INT"),
    ("+", float, float): form("BINARY_OP_ADD_FLOAT"),
    ("-", float, float): form("BINARY_OP_SUBTRACT_FLOAT"),
    ("*", float, float): form("BINARY_OP_MULTIPLY_FLOAT"),
    ("+", str, str): form("BINARY_OP_ADD_UNICODE"),
    ("[]", list, slice): form("BINARY_OP_SUBSCR_LIST_SLICE"),
}
_FORMS = {(key[0], id(key[1]), id(key[2])): chosen for key, chosen in _KNOWN.items()}
_INDEXED = by_type(
    {
        list: form("BINARY_OP_SUBSCR_LIST_INT"),
        tuple: form("BINARY_OP_SUBSCR_TUPLE_INT"),
        str: form("BINARY_OP_SUBSCR_STR_INT"),
    }
)
#: Types with forms for other operators than the one asked for.
_OTHERWISE = frozenset(map(id, (int, float, str, list, tuple)))
_ADD_UNICODE = form("BINARY_OP_ADD_UNICODE")
_INPLACE_ADD_UNICODE = form("BINARY_OP_INPLACE_ADD_UNICODE")
_DICT = form("BINARY_OP_SUBSCR_DICT")
_GETITEM = form("BINARY_OP_SUBSCR_GETITEM")
_EXTEND = form("BINARY_OP_EXTEND")


def _subscript(site: Site, container: type, key: type) -> Outcome:
    """The form for container[key]."""
    if container is dict:
        return _DICT
    if key is int and id(container) in _INDEXED and site.is_compact:
        return _INDEXED[id(container)]
    if site.is_computable:
        return _EXTEND
    if id(container) in _INDEXED:
        return refusal("big_int" if key is int else "index_not_an_int")
    return _GETITEM if site.has_python_getitem else unfit(container)


def choose(site: Site) -> Outcome:
    """The form for these exact operand types, or why there is none."""
    left, right = site.types(2)
    operator = site.operator
    chosen = _FORMS.get((operator, id(left), id(right)))
    if chosen is not None:
        if chosen is _ADD_UNICODE and site.stores_left:
            return _INPLACE_ADD_UNICODE
        return chosen
    if operator == "[]":
        return _subscript(site, left, right)
    if site.is_computable:
        return _EXTEND
    if left is not right:
        return unfit(left, right, builtin="mixed_types")
    known = id(left) in _OTHERWISE
    return unfit(left, builtin="no_form_for_operator" if known else "other_builtin")
