"""LOAD_ATTR: by what the owner is and where it has the name."""

from __future__ import annotations

from . import form, is_class, refusal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from adaptive._core import Site

    from . import Outcome

_MODULE = form("LOAD_ATTR_MODULE")
_CLASS = form("LOAD_ATTR_CLASS")
_CLASS_WITH_METACLASS_CHECK = form("LOAD_ATTR_CLASS_WITH_METACLASS_CHECK")
#: The form where a hook of the type, one Python function, loads the attribute.
_HOOKS = {
    "getattribute": form("LOAD_ATTR_GETATTRIBUTE_OVERRIDDEN"),
    "getattr": form("LOAD_ATTR_GETATTR"),
}
#: The form where the instance has the value itself, by how it keeps its values.
_VALUES = {
    "values": form("LOAD_ATTR_INSTANCE_VALUE"),
    "dict": form("LOAD_ATTR_WITH_HINT"),
}
#: The form where the type has a descriptor that comes before the instance.
_DESCRIPTORS = {
    "slot": form("LOAD_ATTR_SLOT"),
    "property": form("LOAD_ATTR_PROPERTY"),
    "data": form("LOAD_ATTR_DATA_DESCRIPTOR"),
}
_METHODS = {
    "values": form("LOAD_ATTR_METHOD_WITH_VALUES"),
    "empty": form("LOAD_ATTR_METHOD_WITH_VALUES"),
    "none": form("LOAD_ATTR_METHOD_NO_DICT"),
    "lazy": form("LOAD_ATTR_METHOD_LAZY_DICT"),
}
#: The form for what the process's attribute cache knows, wherever it is.
_SHARED_CACHE = form("LOAD_ATTR_SHARED_CACHE")
_PLAIN = {
    "values": form("LOAD_ATTR_NONDESCRIPTOR_WITH_VALUES"),
    "empty": form("LOAD_ATTR_NONDESCRIPTOR_WITH_VALUES"),
    "none": form("LOAD_ATTR_NONDESCRIPTOR_NO_DICT"),
}


def _from_type(site: Site, descriptor: str) -> Outcome:
    """The form for a value of the type that the instance does not have itself."""
    if descriptor == "nondata":
        return refusal("non_data_descriptor")
    if descriptor == "method" and not site.oparg & 1:
        return refusal("method_not_called")
    forms = _METHODS if descriptor == "method" else _PLAIN
    if site.storage in forms:
        return forms[site.storage]
    return _SHARED_CACHE if site.is_known_to_cache else refusal("not_in_instance")


def choose(site: Site) -> Outcome:
    """The form for this owner and name, or why there is none."""
    hook = site.hook
    if hook == "module":
        return _MODULE
    if hook == "class":
        return _CLASS_WITH_METACLASS_CHECK if site.has_own_metaclass else _CLASS
    descriptor = site.descriptor
    absent = descriptor == "absent" and not site.is_own
    if hook == "getattribute" or (hook == "getattr" and absent):
        return _HOOKS[hook]
    if hook != "default":
        (owner,) = site.types(1)
        return refusal("own_attribute_hook" if is_class(owner) else "other_builtin")
    if descriptor in _DESCRIPTORS:
        return _DESCRIPTORS[descriptor]
    if site.is_own and descriptor != "mutable":
        return _VALUES.get(site.storage) or refusal("not_in_instance")
    if descriptor == "absent":
        return refusal("name_not_found")
    if descriptor == "mutable":
        return refusal("mutable_type")
    return _from_type(site, descriptor)
