# UNPACK_SEQUENCE: sequence -- *n.  Text of _core.pyx; the base is in containers.pxi.

cdef inline bint is_pair(PyObject *sequence) noexcept nogil:
    return PyTuple_CheckExact(sequence) and PyTuple_GET_SIZE(sequence) == 2


cdef int fill_unpack_sequence(Site site, int form) noexcept:
    if form == ops.UNPACK_SEQUENCE_TWO_TUPLE and site.oparg != 2:
        return ops.REASON_OTHER_LENGTH
    return GO_ON
