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
