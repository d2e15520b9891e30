# COMPARE_OP: left right -- result.  Text of _core.pyx.

# Three bits per operator, Py_LT in the lowest: may it be less, equal, greater?
cdef enum:
    ALLOWED_RELATIONS = 1 | 3 << 3 | 2 << 6 | 5 << 9 | 4 << 12 | 6 << 15


cdef inline bint compare_longs(long a, long b, int wanted) noexcept nogil:
    """What the operator `wanted` (Py_LT..Py_GE) says of two small ints."""
    cdef int relation = 1 if a < b else 2 if a == b else 4
    return (ALLOWED_RELATIONS >> (3 * wanted) & relation) != 0


cdef inline bint compare_doubles(double a, double b, int wanted) noexcept nogil:
    """The same for two floats; a NaN is neither less, equal nor greater."""
    cdef int relation = 1 if a < b else 2 if a == b else 4 if a > b else 0
    if unlikely(relation == 0):
        return wanted == Py_NE
    return (ALLOWED_RELATIONS >> (3 * wanted) & relation) != 0


cdef inline PyObject **compare_op(PyObject **sp, int oparg) noexcept nogil:
    cdef int wanted = oparg >> ops.COMPARE_SHIFT
    cdef long a, b
    if host_both_compact(sp[-2], sp[-1], &a, &b):
        return replace_two(sp, new_bool(compare_longs(a, b, wanted)))
    if PyFloat_CheckExact(sp[-2]) and PyFloat_CheckExact(sp[-1]):
        return replace_two(
            sp,
            new_bool(
                compare_doubles(
                    PyFloat_AS_DOUBLE(sp[-2]), PyFloat_AS_DOUBLE(sp[-1]), wanted
                )
            ),
        )
    return replace_two(sp, PyObject_RichCompare(sp[-2], sp[-1], wanted))
