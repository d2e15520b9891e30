# TO_BOOL: value -- bool.  Text of _core.pyx.

cdef inline int truth_of(PyObject *value) noexcept nogil:
    """1, 0, or -1 with an exception."""
    if value is Py_True:
        return 1
    if value is Py_False or value is Py_None:
        return 0
    return PyObject_IsTrue(value)


cdef inline PyObject **to_bool(PyObject **sp, bint invert) noexcept nogil:
    """The truth of the value, or with `invert` its opposite."""
    cdef PyObject *value = sp[-1]
    cdef int truth = truth_of(value)
    if unlikely(truth < 0):
        return NULL
    sp[-1] = new_bool(truth ^ invert)
    Py_DECREF(value)
    return sp
