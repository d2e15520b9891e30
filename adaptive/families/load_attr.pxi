# LOAD_ATTR: owner -- value self_or_null*(n&1).  Text of _core.pyx.

cdef inline PyObject **replace_one(PyObject **sp, PyObject *result) noexcept nogil:
    """value -- result.  NULL, with the value kept, if there is no result."""
    if unlikely(result is NULL):
        return NULL
    cdef PyObject *value = sp[-1]
    sp[-1] = result
    Py_DECREF(value)
    return sp


cdef inline PyObject **load_attr(PyObject **sp, PyObject *name) noexcept nogil:
    cdef PyObject *value = find_attribute(sp[-1], name)
    if unlikely(value is NULL):
        value = PyObject_GetAttr(sp[-1], name)
    return replace_one(sp, value)


cdef inline PyObject **push_method(
    PyObject **sp, PyObject *found, bint is_method
) noexcept nogil:
    """owner -- method owner, or null attribute; takes the reference to `found`."""
    cdef PyObject *owner = sp[-1]
    if is_method:
        sp[-1] = found
        sp[0] = owner
    else:
        sp[-1] = NULL
        sp[0] = found
        Py_DECREF(owner)
    return sp + 1


cdef inline PyObject **load_method(PyObject **sp, PyObject *name) noexcept nogil:
    """Loads an attribute to be called, without making a bound method of it."""
    cdef PyObject *owner = sp[-1]
    cdef PyObject *found = NULL
    cdef Attribute *entry = attribute_of(owner, Py_TYPE(owner), name)
    cdef bint is_method
    if likely(entry is not NULL) and entry.place == METHOD:
        if likely(not may_shadow(owner, Py_TYPE(owner), entry)):
            Py_INCREF(entry.found)
            return push_method(sp, entry.found, True)
    else:
        found = find_attribute(owner, name)
        if found is not NULL:
            return push_method(sp, found, False)
    is_method = _PyObject_GetMethod(owner, name, &found) == 1
    if unlikely(found is NULL):
        return NULL
    return push_method(sp, found, is_method)


# -- forms.  A guard returns the value that is loaded, borrowed, or NULL.

cdef inline bint is_cached_type(PyObject *owner, uint16_t *next) noexcept nogil:
    """Whether the owner's type is the one that the site's cache speaks of."""
    return host_version_tag(Py_TYPE(owner)) == cached_u32(
        next, ops.LOAD_ATTR_TYPE_VERSION_CELL
    )


cdef inline PyObject *cached_descriptor(uint16_t *next) noexcept nogil:
    """What the type has under the name; the type, unchanged, keeps it alive (I5)."""
    return <PyObject *>cached_u64(next, ops.LOAD_ATTR_DESCRIPTOR_CELL)


cdef inline PyObject *stored_value(PyObject *owner, uint16_t *next) noexcept nogil:
    """LOAD_ATTR_INSTANCE_VALUE: at the cached index of the inline values."""
    cdef PyObject **values
    if unlikely(not is_cached_type(owner, next)):
        return NULL
    values = host_instance_values(owner)
    if unlikely(values is NULL):
        return NULL
    return values[cached_u16(next, ops.LOAD_ATTR_KEYS_VERSION_CELL)]


cdef inline PyObject *hinted_value(
    PyObject *owner, PyObject *name, uint16_t *next
) noexcept nogil:
    """LOAD_ATTR_WITH_HINT: at the cached index of the instance's dict."""
    cdef PyObject *dict
    cdef PyObject **place
    if unlikely(not is_cached_type(owner, next)):
        return NULL
    if unlikely(host_instance_values(owner) is not NULL):
        return NULL
    dict = host_instance_dict(owner)
    if unlikely(dict is NULL or not PyDict_CheckExact(dict)):
        return NULL
    place = host_hinted_value(
        dict, cached_u16(next, ops.LOAD_ATTR_KEYS_VERSION_CELL), name
    )
    return NULL if place is NULL else place[0]


cdef inline PyObject *slot_value(PyObject *owner, uint16_t *next) noexcept nogil:
    """LOAD_ATTR_SLOT: at the cached offset."""
    if unlikely(not is_cached_type(owner, next)):
        return NULL
    return slot_at(owner, cached_u16(next, ops.LOAD_ATTR_KEYS_VERSION_CELL))[0]


cdef inline PyDictKeysObject *cached_keys(uint16_t *next) noexcept nogil:
    """The keys that a module had; only what still has them says that they live (I5)."""
    return <PyDictKeysObject *>cached_u64(next, ops.LOAD_ATTR_DESCRIPTOR_CELL)


cdef inline PyObject *module_value(PyObject *owner, uint16_t *next) noexcept nogil:
    """LOAD_ATTR_MODULE: at the cached place in a module's unchanged keys.

    The module's keys are only compared with the cached ones, from which the value is
    loaded: so its address, at which a reference count will be written, does not depend
    on four loads in a row.  `host_opaque` keeps the compiler from taking the one for
    the other.
    """
    cdef PyDictKeysObject *keys
    if unlikely(not PyModule_CheckExact(owner)):
        return NULL
    keys = host_keys_of(host_module_dict(owner))
    if unlikely(
        keys is not cached_keys(next)
        or host_assigned_version(keys)
        != cached_u32(next, ops.LOAD_ATTR_TYPE_VERSION_CELL)
    ):
        return NULL
    return (<PyObject **>(
        host_opaque(cached_keys(next))
        + cached_u32(next, ops.LOAD_ATTR_KEYS_VERSION_CELL)
    ))[0]


cdef inline PyObject *class_value(
    PyObject *owner, uint16_t *next, bint check_metaclass
) noexcept nogil:
    """LOAD_ATTR_CLASS: what the owner, itself a class, has under the name."""
    if unlikely(not PyType_Check(owner)):
        return NULL
    if unlikely(
        host_version_tag(<PyTypeObject *>owner)
        != cached_u32(next, ops.LOAD_ATTR_TYPE_VERSION_CELL)
    ):
        return NULL
    if check_metaclass and unlikely(
        host_version_tag(Py_TYPE(owner))
        != cached_u32(next, ops.LOAD_ATTR_KEYS_VERSION_CELL)
    ):
        return NULL
    return cached_descriptor(next)


cdef inline bint has_cached_shared_keys(
    PyObject *owner, uint16_t *next
) noexcept nogil:
    """Whether the owner has no dict, and its inline values, if any, the same names."""
    return host_instance_dict(owner) is NULL and host_assigned_version(
        host_shared_keys(Py_TYPE(owner))
    ) == cached_u32(next, ops.LOAD_ATTR_KEYS_VERSION_CELL)


cdef inline PyObject *type_value_with_values(
    PyObject *owner, uint16_t *next
) noexcept nogil:
    """LOAD_ATTR_*_WITH_VALUES: the type's, as no instance value has the name."""
    if unlikely(
        not is_cached_type(owner, next) or not has_cached_shared_keys(owner, next)
    ):
        return NULL
    return cached_descriptor(next)


cdef inline PyObject *type_value_without_dict(
    PyObject *owner, uint16_t *next
) noexcept nogil:
    """LOAD_ATTR_*_NO_DICT: the type's, as there are no instance values."""
    if unlikely(not is_cached_type(owner, next)):
        return NULL
    return cached_descriptor(next)


cdef inline PyObject *type_value_with_lazy_dict(
    PyObject *owner, uint16_t *next
) noexcept nogil:
    """LOAD_ATTR_METHOD_LAZY_DICT: the type's, as the instance has no dict yet."""
    if unlikely(not is_cached_type(owner, next)):
        return NULL
    if unlikely(
        (<PyObject **>(
            <char *>owner + cached_u32(next, ops.LOAD_ATTR_KEYS_VERSION_CELL)
        ))[0] is not NULL
    ):
        return NULL
    return cached_descriptor(next)


cdef inline Attribute *known_to_cache(
    PyObject *owner, PyObject *name
) noexcept nogil:
    """LOAD_ATTR_SHARED_CACHE: what the process's cache has for the owner, or NULL."""
    return attribute_of(owner, Py_TYPE(owner), name)


cdef bint is_known_to_cache(PyObject *owner, PyObject *name) noexcept nogil:
    """Whether that says where to look."""
    cdef Attribute *entry = known_to_cache(owner, name)
    return entry is not NULL and entry.place != NOWHERE


cdef inline PyObject **put_attribute(
    PyObject **sp, PyObject *value, int oparg
) noexcept nogil:
    """owner -- value, or null value where it is to be called; takes a new reference.

    The reference to the owner is the caller's to drop.
    """
    Py_INCREF(value)
    if oparg & 1:
        sp[-1] = NULL
        sp[0] = value
        sp += 1
    else:
        sp[-1] = value
    return sp


cdef HostFrame *push_hook(
    PyThreadState *ts, PyObject *function, PyObject **sp, PyObject *name,
    CodeState **callee
) noexcept nogil:
    """A frame for function(owner) or, with a name, function(owner, name).

    owner --: taken over.  NULL, with nothing changed, if it cannot be pushed.
    """
    cdef PyObject *arguments[2]
    cdef Py_ssize_t count = 1 if name is NULL else 2
    cdef HostFrame *frame
    if function is NULL or not host_is_plain_function(function):
        return NULL
    callee[0] = callee_of(ts, function)
    if callee[0] is NULL or callee[0].exact_count != count:
        return NULL
    arguments[0] = sp[-1]
    arguments[1] = name
    frame = push_plain_call(
        ts, <PyFunctionObject *>function, callee[0], arguments, count
    )
    if frame is NULL:
        return NULL
    Py_INCREF(function)
    Py_XINCREF(name)
    record_of(frame).kept = NULL
    return frame


cdef bint lacks_own_value(
    PyObject *owner, PyObject *name, uint16_t *next
) noexcept nogil:
    """Whether neither the owner nor its type has the name: __getattr__ is asked."""
    cdef PyObject *value = NULL
    if not is_cached_type(owner, next):
        return False
    if host_has_no_dict(Py_TYPE(owner)):
        return True
    if not host_has_managed_dict(Py_TYPE(owner)):
        return False
    if host_instance_values(owner) is not NULL:
        return has_cached_shared_keys(owner, next)
    if host_instance_dict(owner) is NULL:
        return True
    return host_find_name(host_instance_dict(owner), name, &value) == 0


cdef inline bint has_cached_descriptor(PyObject *owner, uint16_t *next) noexcept nogil:
    """Whether owner's type, and the descriptor that it has, are as they were."""
    return is_cached_type(owner, next) and host_version_tag(
        Py_TYPE(cached_descriptor(next))
    ) == cached_u32(next, ops.LOAD_ATTR_KEYS_VERSION_CELL)


cdef PyObject *call_descriptor(PyObject *owner, uint16_t *next) noexcept nogil:
    """LOAD_ATTR_DATA_DESCRIPTOR: what the descriptor says, a new reference, or NULL."""
    cdef PyObject *descriptor = cached_descriptor(next)
    cdef PyObject *kind = <PyObject *>Py_TYPE(owner)
    cdef PyObject *value
    Py_INCREF(descriptor)
    value = Py_TYPE(descriptor).tp_descr_get(descriptor, owner, kind)
    Py_DECREF(descriptor)
    return value


# -- where a name is found: what the rule decides by

cdef uint32_t version_of(PyTypeObject *kind) noexcept nogil:
    """The type's version, which looking up a name assigns; 0 if there are no more."""
    if host_type_version(kind) == 0:
        _PyType_Lookup(kind, STR_CLASS)
    return host_type_version(kind)


cdef inline bint has_inline_values(PyObject *owner) noexcept nogil:
    return host_has_managed_dict(Py_TYPE(owner)) and (
        host_instance_values(owner) is not NULL
    )


cdef inline PyObject *instance_dict_of(PyObject *owner) noexcept nogil:
    """The plain dict that holds the instance's values, borrowed, or NULL."""
    cdef PyObject *dict
    if not host_has_managed_dict(Py_TYPE(owner)) or has_inline_values(owner):
        return NULL
    dict = host_instance_dict(owner)
    return dict if dict is not NULL and PyDict_CheckExact(dict) else NULL


cdef bint has_own_value(PyObject *owner, PyObject *name) noexcept nogil:
    """Whether the instance holds a value under the name, inline or in its dict."""
    cdef PyObject *value = NULL
    cdef int index
    if has_inline_values(owner):
        index = host_shared_index(Py_TYPE(owner), name)
        return index >= 0 and host_instance_values(owner)[index] is not NULL
    if instance_dict_of(owner) is NULL:
        return False
    return host_find_name(instance_dict_of(owner), name, &value) != 0


cdef str storage_of(PyObject *owner):
    """How an instance keeps its values: "values", "empty", "dict", "lazy", "none" or
    "other"."""
    cdef PyTypeObject *kind = Py_TYPE(owner)
    cdef PyObject **place
    if host_has_no_dict(kind):
        return "none"
    if has_inline_values(owner):
        return "values"
    if host_has_managed_dict(kind):
        return "empty" if host_instance_dict(owner) is NULL else "dict"
    place = host_dict_place(owner, kind)
    return "lazy" if place is not NULL and place[0] is NULL else "other"


cdef str descriptor_kind(PyTypeObject *kind, PyObject *found):
    """What the type has under the name, as far as loads and stores tell it apart."""
    cdef Py_ssize_t offset
    if found is NULL:
        return "absent"
    if host_slot_offset(kind, found, &offset):
        return "slot"
    if Py_IS_TYPE(found, &PyProperty_Type):
        return "property"
    if host_is_of_mutable_type(found) and not host_is_data_descriptor(found):
        return "mutable"
    if host_is_data_descriptor(found):
        return "data"
    if PyType_HasFeature(Py_TYPE(found), Py_TPFLAGS_METHOD_DESCRIPTOR):
        return "method"
    return "nondata" if host_is_descriptor(found) else "plain"


cdef str hook_of(PyTypeObject *kind):
    """Who loads attributes of the instances: "default", or which hook is a function."""
    cdef PyObject *own
    cdef PyObject *general
    if host_loads_generically(kind):
        return "default"
    general = _PyType_Lookup(kind, STR_GETATTRIBUTE)
    own = _PyType_Lookup(kind, STR_GETATTR)
    if own is NULL and general is not NULL and host_is_plain_function(general):
        return "getattribute"
    if own is not NULL and host_is_plain_function(own) and general is _PyType_Lookup(
        &PyBaseObject_Type, STR_GETATTRIBUTE
    ):
        return "getattr"
    return "other"


# -- filling the caches

cdef int fill_class(Site site, int form, PyTypeObject *owner, PyObject *name) noexcept:
    """LOAD_ATTR_CLASS and _WITH_METACLASS_CHECK."""
    cdef PyTypeObject *metaclass = Py_TYPE(<PyObject *>owner)
    cdef PyObject *found = _PyType_Lookup(owner, name)
    cdef PyObject *general = _PyType_Lookup(metaclass, name)
    if metaclass.tp_getattro is not PyType_Type.tp_getattro:
        return ops.REASON_OWN_ATTRIBUTE_HOOK
    # What `type` has itself, which never changes, comes after the class's own value
    # unless it is a data descriptor: __init__, __repr__ and the like.
    if general is not NULL and (
        found is NULL or metaclass is not &PyType_Type
        or host_is_data_descriptor(general)
    ):
        return ops.REASON_METACLASS_ATTRIBUTE
    if found is NULL:
        return ops.REASON_NAME_NOT_FOUND
    if host_is_of_mutable_type(found):
        return ops.REASON_MUTABLE_TYPE
    if host_is_descriptor(found) and not is_method(found):
        return ops.REASON_NON_DATA_DESCRIPTOR
    if form == ops.LOAD_ATTR_CLASS and metaclass is not &PyType_Type:
        return ops.REASON_NO_FORM_FOR_TYPES
    if version_of(owner) == 0 or version_of(metaclass) == 0:
        return ops.REASON_NO_VERSION
    store_u32(site.at, ops.LOAD_ATTR_TYPE_VERSION_CELL, version_of(owner))
    store_u32(site.at, ops.LOAD_ATTR_KEYS_VERSION_CELL, version_of(metaclass))
    store_u64(site.at, ops.LOAD_ATTR_DESCRIPTOR_CELL, <uint64_t>found)
    return GO_ON


cdef int fill_module(Site site, PyObject *module, PyObject *name) noexcept:
    """LOAD_ATTR_MODULE."""
    cdef PyObject *dict
    cdef PyDictKeysObject *keys
    cdef Py_ssize_t index, offset
    cdef uint32_t version
    if not PyModule_CheckExact(module):
        return ops.REASON_OWN_ATTRIBUTE_HOOK
    if _PyType_Lookup(&PyModule_Type, name) is not NULL:
        return ops.REASON_DATA_DESCRIPTOR
    dict = host_module_dict(module)
    index = -1 if dict is NULL else host_entry_index(dict, name)
    if index < 0:
        return ops.REASON_NAME_NOT_FOUND
    keys = host_keys_of(dict)
    version = host_keys_version(keys)
    if version == 0:
        return ops.REASON_NO_VERSION
    offset = <char *>host_entry_place(keys, index) - <char *>keys
    if offset > 0xFFFFFFFF:
        return ops.REASON_OUT_OF_RANGE
    store_u32(site.at, ops.LOAD_ATTR_TYPE_VERSION_CELL, version)
    store_u32(site.at, ops.LOAD_ATTR_KEYS_VERSION_CELL, <uint32_t>offset)
    store_u64(site.at, ops.LOAD_ATTR_DESCRIPTOR_CELL, <uint64_t>keys)
    return GO_ON


cdef int place_in_instance(
    int form, PyObject *owner, PyObject *name, PyObject *found, Py_ssize_t *index
) noexcept:
    """The index or offset for forms that read from the instance; GO_ON, or why not."""
    cdef PyTypeObject *kind = Py_TYPE(owner)
    index[0] = -1
    if form == ops.LOAD_ATTR_SLOT:
        if found is NULL or not host_slot_offset(kind, found, index):
            return ops.REASON_DATA_DESCRIPTOR
    elif found is not NULL and host_is_data_descriptor(found):
        return ops.REASON_DATA_DESCRIPTOR
    elif found is not NULL and host_is_of_mutable_type(found):
        return ops.REASON_MUTABLE_TYPE
    elif form == ops.LOAD_ATTR_INSTANCE_VALUE and has_inline_values(owner):
        index[0] = host_shared_index(kind, name)
    elif form == ops.LOAD_ATTR_WITH_HINT and instance_dict_of(owner) is not NULL:
        index[0] = host_entry_index(instance_dict_of(owner), name)
    if index[0] < 0:
        return ops.REASON_NOT_IN_INSTANCE
    return ops.REASON_OUT_OF_RANGE if index[0] > 0xFFFF else GO_ON


cdef int note_shared_keys(Site site, PyObject *owner, PyObject *name) noexcept:
    """Vouches that no inline value of the owner's type has the name; GO_ON, or why not.
    """
    cdef PyDictKeysObject *keys
    cdef uint32_t version
    if not host_has_managed_dict(Py_TYPE(owner)):
        return ops.REASON_NOT_IN_INSTANCE
    if host_instance_dict(owner) is not NULL:
        return ops.REASON_NOT_IN_INSTANCE
    keys = host_shared_keys(Py_TYPE(owner))
    if keys is NULL or host_shared_index(Py_TYPE(owner), name) >= 0:
        return ops.REASON_SHADOWED
    version = host_keys_version(keys)
    if version == 0:
        return ops.REASON_NO_VERSION
    store_u32(site.at, ops.LOAD_ATTR_KEYS_VERSION_CELL, version)
    return GO_ON


cdef int note_dict_offset(Site site, PyObject *owner) noexcept:
    """For LOAD_ATTR_METHOD_LAZY_DICT: where the dict would be; GO_ON, or why not."""
    cdef PyTypeObject *kind = Py_TYPE(owner)
    if host_has_managed_dict(kind) or host_dict_place(owner, kind) is NULL:
        return ops.REASON_NOT_IN_INSTANCE
    store_u32(
        site.at, ops.LOAD_ATTR_KEYS_VERSION_CELL,
        <uint32_t>(<char *>host_dict_place(owner, kind) - <char *>owner)
    )
    return GO_ON


cdef int check_absence(Site site, int form, PyObject *owner, PyObject *name) noexcept:
    """Notes what keeps an instance value from coming first; GO_ON, or why not."""
    if form == ops.LOAD_ATTR_METHOD_LAZY_DICT:
        return note_dict_offset(site, owner)
    if form == ops.LOAD_ATTR_DATA_DESCRIPTOR:
        store_u32(
            site.at, ops.LOAD_ATTR_KEYS_VERSION_CELL,
            version_of(Py_TYPE(_PyType_Lookup(Py_TYPE(owner), name))),
        )
    if form in (
        ops.LOAD_ATTR_METHOD_WITH_VALUES, ops.LOAD_ATTR_NONDESCRIPTOR_WITH_VALUES
    ) or (form == ops.LOAD_ATTR_GETATTR and not host_has_no_dict(Py_TYPE(owner))):
        return note_shared_keys(site, owner, name)
    if form in (ops.LOAD_ATTR_METHOD_NO_DICT, ops.LOAD_ATTR_NONDESCRIPTOR_NO_DICT):
        if not host_has_no_dict(Py_TYPE(owner)):
            return ops.REASON_NOT_IN_INSTANCE
    return GO_ON


cdef inline bint is_method(PyObject *found) noexcept nogil:
    """What binds itself to an instance by being given it as first argument."""
    return PyType_HasFeature(Py_TYPE(found), Py_TPFLAGS_METHOD_DESCRIPTOR)


cdef bint form_fits(int form, PyObject *found, int oparg) noexcept:
    """Whether the form loads things of the kind that the type has under the name."""
    if form in (
        ops.LOAD_ATTR_METHOD_WITH_VALUES, ops.LOAD_ATTR_METHOD_NO_DICT,
        ops.LOAD_ATTR_METHOD_LAZY_DICT,
    ):
        return is_method(found) and oparg & 1
    if form in (
        ops.LOAD_ATTR_NONDESCRIPTOR_WITH_VALUES, ops.LOAD_ATTR_NONDESCRIPTOR_NO_DICT
    ):
        return not host_is_descriptor(found) and not host_is_of_mutable_type(found)
    if form == ops.LOAD_ATTR_PROPERTY:
        return Py_IS_TYPE(found, &PyProperty_Type)
    if form == ops.LOAD_ATTR_DATA_DESCRIPTOR:
        return host_is_data_descriptor(found) and host_is_descriptor(found)
    return host_is_plain_function(found)


cdef int fill_instance(Site site, int form, PyObject *owner, PyObject *name) noexcept:
    """The forms whose owner is an instance with a version of its type."""
    cdef PyTypeObject *kind = Py_TYPE(owner)
    cdef PyObject *found = _PyType_Lookup(kind, name)
    cdef Py_ssize_t index
    cdef int outcome
    if form == ops.LOAD_ATTR_GETATTRIBUTE_OVERRIDDEN:
        if hook_of(kind) != "getattribute":
            return ops.REASON_OWN_ATTRIBUTE_HOOK
        found = _PyType_Lookup(kind, STR_GETATTRIBUTE)
    elif form == ops.LOAD_ATTR_GETATTR:
        if found is not NULL or hook_of(kind) != "getattr":
            return ops.REASON_OWN_ATTRIBUTE_HOOK
        found = _PyType_Lookup(kind, STR_GETATTR)
    elif not host_loads_generically(kind):
        return ops.REASON_OWN_ATTRIBUTE_HOOK
    if version_of(kind) == 0:
        return ops.REASON_NO_VERSION
    if form in (
        ops.LOAD_ATTR_INSTANCE_VALUE, ops.LOAD_ATTR_WITH_HINT, ops.LOAD_ATTR_SLOT
    ):
        outcome = place_in_instance(form, owner, name, found, &index)
        if outcome == GO_ON:
            store_u16(site.at, ops.LOAD_ATTR_KEYS_VERSION_CELL, <uint16_t>index)
    elif found is NULL:
        outcome = ops.REASON_NAME_NOT_FOUND
    elif not form_fits(form, found, site.oparg):
        outcome = ops.REASON_NO_FORM_FOR_DESCRIPTOR
    elif form == ops.LOAD_ATTR_DATA_DESCRIPTOR and version_of(Py_TYPE(found)) == 0:
        outcome = ops.REASON_NO_VERSION
    else:
        outcome = check_absence(site, form, owner, name)
        store_u64(site.at, ops.LOAD_ATTR_DESCRIPTOR_CELL, <uint64_t>found)
    store_u32(site.at, ops.LOAD_ATTR_TYPE_VERSION_CELL, version_of(kind))
    return outcome


cdef int fill_load_attr(Site site, int form) noexcept:
    cdef PyObject *owner = site.sp[-1]
    cdef PyObject *name = name_at(site.frame, site.oparg >> 1)
    if form == ops.LOAD_ATTR_SHARED_CACHE:
        return GO_ON if is_known_to_cache(owner, name) else ops.REASON_POLYMORPHIC
    if form in (ops.LOAD_ATTR_CLASS, ops.LOAD_ATTR_CLASS_WITH_METACLASS_CHECK):
        if not PyType_Check(owner):
            return ops.REASON_NO_FORM_FOR_TYPES
        return fill_class(site, form, <PyTypeObject *>owner, name)
    if form == ops.LOAD_ATTR_MODULE:
        return fill_module(site, owner, name)
    return fill_instance(site, form, owner, name)
