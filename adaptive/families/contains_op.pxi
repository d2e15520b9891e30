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


cdef int find_in_items(
    PyThreadState *ts, PyObject **sp, PyObject **items, Py_ssize_t count
) noexcept nogil:
    """The same for a list's or tuple's items: strings and ints are compared here.

    What is told apart here runs no code, so that the type may be asked all over.
    """
    cdef PyObject *wanted = sp[-2]
    cdef bint is_string = PyUnicode_CheckExact(wanted)
    cdef Py_ssize_t i
    cdef int equal
    if unlikely(host_recursion_left(ts) < 1):
        return find_in_sequence(sp)
    for i in range(count):
        if items[i] is wanted:
            return 1
        if is_string and PyUnicode_CheckExact(items[i]):
            equal = host_strings_equal(items[i], wanted)
        else:
            equal = host_ints_equal(items[i], wanted)
        if equal > 0:
            return 1
        if unlikely(equal < 0):
            return find_in_sequence(sp)
    return 0
