"""LOAD_GLOBAL: by the namespace that has the name."""

from __future__ import annotations

from . import form, refusal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from adaptive._core import Site

    from . import Outcome

_FORMS = {
    "module": form("LOAD_GLOBAL_MODULE"),
    "builtins": form("LOAD_GLOBAL_BUILTIN"),
}


def choose(site: Site) -> Outcome:
    """The form for the name's namespace, or why there is none."""
    home = site.home
    if home in _FORMS:
        return _FORMS[home]
    return refusal("not_a_plain_dict" if home == "unknown" else "name_not_found")
