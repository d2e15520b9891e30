# UNPACK_SEQUENCE: sequence -- *n.  Text of _core.pyx; the base is in containers.pxi.

cdef inline bint is_pair(PyObject *sequence) noexcept nogil:
    return PyTuple_CheckExact(sequence) and PyTuple_GET_SIZE(sequence) == 2


cdef inline PyObject **unpack_pair(PyObject **sp) noexcept nogil:
    """pair -- second first"""
    cdef PyObject *pair = sp[-1]
    cdef PyObject *first = PyTuple_GET_ITEM(pair, 0)
    cdef PyObject *second = PyTuple_GET_ITEM(pair, 1)
    Py_INCREF(first)
    Py_INCREF(second)
    sp[-1] = second
    sp[0] = first
    Py_DECREF(pair)
    return sp + 1


cdef int fill_unpack_sequence(Site site, int form) noexcept:
    if form == ops.UNPACK_SEQUENCE_TWO_TUPLE and site.oparg != 2:
        return ops.REASON_OTHER_LENGTH
    return GO_ON
