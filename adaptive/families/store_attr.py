"""STORE_ATTR: by where the owner keeps the value."""

from __future__ import annotations

from . import form, is_class, refusal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from adaptive._core import Site

    from . import Outcome

_SLOT = form("STORE_ATTR_SLOT")
_VALUES = {
    "values": form("STORE_ATTR_INSTANCE_VALUE"),
    "dict": form("STORE_ATTR_WITH_HINT"),
}


def choose(site: Site) -> Outcome:
    """The form for this owner and name, or why there is none."""
    (owner,) = site.types(1)
    if not site.stores_by_default:
        return refusal("own_attribute_hook" if is_class(owner) else "other_builtin")
    descriptor = site.descriptor
    if descriptor == "slot":
        return _SLOT
    if descriptor in ("property", "data"):
        return refusal("data_descriptor" if is_class(owner) else "other_builtin")
    if descriptor == "mutable":
        return refusal("mutable_type")
    return _VALUES.get(site.storage) or refusal("not_in_instance")
