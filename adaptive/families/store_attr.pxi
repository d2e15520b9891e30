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
        host_store_value(owner, entry.index, value)
        return True
    if entry.place == SLOT:
        old = slot_at(owner, entry)[0]
        slot_at(owner, entry)[0] = value
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
