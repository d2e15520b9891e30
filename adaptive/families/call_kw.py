"""CALL_KW: by what is called; binding the keywords is the same for all sites."""

from __future__ import annotations

from . import form, refusal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from adaptive._core import Site

    from . import Outcome

_FORMS = {
    "function": form("CALL_KW_PY"),
    "bound_method": form("CALL_KW_BOUND_METHOD"),
}
_NON_PY = form("CALL_KW_NON_PY")


def choose(site: Site) -> Outcome:
    """The form for this callable, or why there is none."""
    kind = site.callee
    if kind in _FORMS:
        return _FORMS[kind]
    if kind == "class":
        return refusal("keywords_for_class")
    if site.is_bound:
        known = kind == "builtin_method"
        return refusal("keywords_for_builtin" if known else "other_callable")
    return _NON_PY
