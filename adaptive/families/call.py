"""CALL: by what is called, and for builtins by how they take their arguments."""

from __future__ import annotations

from . import form, refusal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from adaptive._core import Site

    from . import Outcome

_PY_EXACT_ARGS = form("CALL_PY_EXACT_ARGS")
_PY_GENERAL = form("CALL_PY_GENERAL")
_BOUND_METHOD_EXACT_ARGS = form("CALL_BOUND_METHOD_EXACT_ARGS")
_BOUND_METHOD_GENERAL = form("CALL_BOUND_METHOD_GENERAL")
_INIT = form("CALL_ALLOC_AND_ENTER_INIT")
_BUILTIN_CLASS = form("CALL_BUILTIN_CLASS")
_NON_PY_GENERAL = form("CALL_NON_PY_GENERAL")
_LIST_APPEND = form("CALL_LIST_APPEND")
_SUPER = (form("CALL_SUPER_ATTR"), form("CALL_SUPER_METHOD"))
#: Callables with a form of their own, by how many arguments it takes.
_CALLABLES = {
    (type, 1): form("CALL_TYPE_1"),
    (str, 1): form("CALL_STR_1"),
    (tuple, 1): form("CALL_TUPLE_1"),
    (len, 1): form("CALL_LEN"),
    (isinstance, 2): form("CALL_ISINSTANCE"),
}
_KNOWN = {(id(called), count): row for (called, count), row in _CALLABLES.items()}
_BUILTINS = {
    "o": form("CALL_BUILTIN_O"),
    "fast": form("CALL_BUILTIN_FAST"),
    "fast_with_keywords": form("CALL_BUILTIN_FAST_WITH_KEYWORDS"),
}
_METHODS = {
    "o": form("CALL_METHOD_DESCRIPTOR_O"),
    "noargs": form("CALL_METHOD_DESCRIPTOR_NOARGS"),
    "fast": form("CALL_METHOD_DESCRIPTOR_FAST"),
    "fast_with_keywords": form("CALL_METHOD_DESCRIPTOR_FAST_WITH_KEYWORDS"),
}
#: How many arguments a convention takes, self aside, if it says.
_COUNTS = {"o": 1, "noargs": 0}


def _super(site: Site) -> Outcome:
    """The form for super(...), with or without an attribute of it loaded next."""
    _, argument = site.following
    return _SUPER[argument & 1] if site.sees_through_super else _BUILTIN_CLASS


def _builtin(site: Site, kind: str) -> Outcome:
    """The form for a builtin function or method."""
    convention = site.convention
    if not site.is_bound and (kind == "builtin_method" or convention not in _BUILTINS):
        return _NON_PY_GENERAL
    if site.is_bound and kind == "builtin":
        return refusal("other_callable")
    if not convention:
        return refusal("old_convention")
    if kind == "builtin_method":
        if site.called is list.append and site.oparg == 1 and site.is_own_method:
            return _LIST_APPEND
        forms = _METHODS
        if not site.is_own_method:
            return refusal("subclass")
    else:
        forms = _BUILTINS
    if _COUNTS.get(convention, site.oparg) != site.oparg:
        return refusal("other_argument_count")
    return forms[convention]


def choose(site: Site) -> Outcome:
    """The form for this callable and number of arguments, or why there is none."""
    kind = site.callee
    if kind == "function":
        return _PY_EXACT_ARGS if site.is_exact else _PY_GENERAL
    if kind == "bound_method":
        return _BOUND_METHOD_EXACT_ARGS if site.is_exact else _BOUND_METHOD_GENERAL
    if kind == "class":
        return _INIT
    if kind == "super":
        return _super(site)
    if not site.is_bound and kind in ("builtin", "builtin_class", "other_class"):
        known = _KNOWN.get((id(site.called), site.oparg))
        if known is not None:
            return known
    if kind in ("builtin", "builtin_method"):
        return _builtin(site, kind)
    if site.is_bound:
        return refusal("other_callable")
    return _BUILTIN_CLASS if kind == "builtin_class" else _NON_PY_GENERAL
