# STORE_ATTR: value owner --.  Text of _core.pyx.

cdef inline bint store_known(
    PyObject *owner, PyObject *name, PyObject *value
) noexcept nogil:
    """Stores where the attribute cache knows the place; takes the reference."""
    cdef PyTypeObject *kind = Py_TYPE(owner)
    cdef Attribute *entry = attribute_of(owner, kind, name)
    cdef PyObject *old
    if unlikely(entry is NULL) or not host_stores_generically(kind):
        return False
    if likely(entry.place == INSTANCE):
        if value_index(kind, entry) < 0 or host_instance_values(owner) is NULL:
            return False
        drop_if_any(host_store_value(owner, entry.index, value))
        return True
    if entry.place == SLOT:
        old = slot_at(owner, entry.offset)[0]
        slot_at(owner, entry.offset)[0] = value
        Py_XDECREF(old)
        return True
    return False


cdef inline PyObject **store_attr(PyObject **sp, PyObject *name) noexcept nogil:
    cdef PyObject *owner = sp[-1]
    cdef PyObject *value = sp[-2]
    if not store_known(owner, name, value):
        if unlikely(PyObject_SetAttr(owner, name, value) < 0):
            return NULL
        Py_DECREF(value)
    Py_DECREF(owner)
    return sp - 2


cdef inline PyObject **delete_attr(PyObject **sp, PyObject *name) noexcept nogil:
    cdef PyObject *owner = sp[-1]
    if unlikely(PyObject_DelAttr(owner, name) < 0):
        return NULL
    Py_DECREF(owner)
    return sp - 1


# -- forms.  A guard returns where the value is kept, or NULL.

cdef inline bint has_cached_type(PyObject *owner, uint16_t *next) noexcept nogil:
    """Whether the owner's type is the one that the site's cache speaks of."""
    return host_version_tag(Py_TYPE(owner)) == cached_u32(
        next, ops.STORE_ATTR_TYPE_VERSION_CELL
    )


cdef inline bint has_stored_place(PyObject *owner, uint16_t *next) noexcept nogil:
    """Whether the owner keeps its values inline, as the cached index supposes."""
    return has_cached_type(owner, next) and host_instance_values(owner) is not NULL


cdef inline PyObject **hinted_place(
    PyObject *owner, PyObject *name, uint16_t *next
) noexcept nogil:
    """The place of a value that the owner's dict has already at the cached index."""
    cdef PyObject *dict
    cdef PyObject **place
    if unlikely(not has_cached_type(owner, next)):
        return NULL
    if unlikely(host_instance_values(owner) is not NULL):
        return NULL
    dict = host_instance_dict(owner)
    if unlikely(dict is NULL or not PyDict_CheckExact(dict)):
        return NULL
    place = host_hinted_value(dict, cached_u16(next, ops.STORE_ATTR_INDEX_CELL), name)
    return NULL if place is NULL or place[0] is NULL else place


cdef int fill_store_attr(Site site, int form) noexcept:
    cdef PyObject *owner = site.sp[-1]
    cdef PyTypeObject *kind = Py_TYPE(owner)
    cdef PyObject *name = name_at(site.frame, site.oparg)
    cdef PyObject *found
    cdef Py_ssize_t index = -1
    cdef uint32_t version
    if not host_stores_generically(kind):
        return ops.REASON_OWN_ATTRIBUTE_HOOK
    found = _PyType_Lookup(kind, name)
    version = version_of(kind)
    if version == 0:
        return ops.REASON_NO_VERSION
    if form == ops.STORE_ATTR_SLOT:
        if found is NULL or not host_slot_offset(kind, found, &index):
            return ops.REASON_DATA_DESCRIPTOR
    elif found is not NULL and host_is_data_descriptor(found):
        return ops.REASON_DATA_DESCRIPTOR
    elif found is not NULL and host_is_of_mutable_type(found):
        return ops.REASON_MUTABLE_TYPE
    elif form == ops.STORE_ATTR_INSTANCE_VALUE and has_inline_values(owner):
        index = host_shared_index(kind, name)
    elif form == ops.STORE_ATTR_WITH_HINT and instance_dict_of(owner) is not NULL:
        index = host_entry_index(instance_dict_of(owner), name)
    if index < 0:
        return ops.REASON_NOT_IN_INSTANCE
    if index > 0xFFFF:
        return ops.REASON_OUT_OF_RANGE
    store_u32(site.at, ops.STORE_ATTR_TYPE_VERSION_CELL, version)
    store_u16(site.at, ops.STORE_ATTR_INDEX_CELL, <uint16_t>index)
    return GO_ON
