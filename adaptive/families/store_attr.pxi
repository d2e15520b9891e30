# STORE_ATTR: value owner --.  Text of _core.pyx.

cdef inline PyObject **store_attr(PyObject **sp, PyObject *name) noexcept nogil:
    cdef PyObject *owner = sp[-1]
    cdef PyObject *value = sp[-2]
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
