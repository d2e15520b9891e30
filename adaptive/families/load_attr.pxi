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
    return replace_one(sp, PyObject_GetAttr(sp[-1], name))


cdef inline PyObject **load_method(PyObject **sp, PyObject *name) noexcept nogil:
    """owner -- method owner, or null attribute where there is no method to unbind."""
    cdef PyObject *owner = sp[-1]
    cdef PyObject *found = NULL
    cdef int is_method = _PyObject_GetMethod(owner, name, &found)
    if unlikely(found is NULL):
        return NULL
    if is_method:
        sp[-1] = found
        sp[0] = owner
    else:
        sp[-1] = NULL
        sp[0] = found
        Py_DECREF(owner)
    return sp + 1
