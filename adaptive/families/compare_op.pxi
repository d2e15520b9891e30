# COMPARE_OP: left right -- result.  Text of _core.pyx.

cdef inline PyObject **compare_op(PyObject **sp, int oparg) noexcept nogil:
    return replace_two(
        sp, PyObject_RichCompare(sp[-2], sp[-1], oparg >> ops.COMPARE_SHIFT)
    )
