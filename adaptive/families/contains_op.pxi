# CONTAINS_OP: item container -- bool.  Text of _core.pyx.

cdef inline PyObject *new_bool(bint truth) noexcept nogil:
    """A new reference to True or False."""
    cdef PyObject *result = Py_True if truth else Py_False
    Py_INCREF(result)
    return result


cdef inline PyObject **contains_op(PyObject **sp, int invert) noexcept nogil:
    cdef int found = PySequence_Contains(sp[-1], sp[-2])
    if unlikely(found < 0):
        return NULL
    return replace_two(sp, new_bool(found ^ invert))
