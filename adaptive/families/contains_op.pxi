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


# -- forms: what the guards say of the container, sp[-1]

cdef inline bint is_set(PyObject *container) noexcept nogil:
    """An exact set or frozenset."""
    return Py_TYPE(container) is &PySet_Type or Py_TYPE(container) is &PyFrozenSet_Type


cdef inline int find_in_sequence(PyObject **sp) noexcept nogil:
    """1, 0, or -1 with an exception, as the container's type itself says."""
    return Py_TYPE(sp[-1]).tp_as_sequence.sq_contains(sp[-1], sp[-2])
