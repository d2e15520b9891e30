# BINARY_OP: left right -- result.  Text of _core.pyx.

cdef binaryfunc[ops.NB_SUBSCR + 1] BINARY_FUNCTIONS

cdef PyObject *power(PyObject *left, PyObject *right) noexcept nogil:
    return PyNumber_Power(left, right, Py_None)

cdef PyObject *inplace_power(PyObject *left, PyObject *right) noexcept nogil:
    return PyNumber_InPlacePower(left, right, Py_None)

cdef void init_binary_functions() noexcept:
    """One function per operator, by the argument of BINARY_OP."""
    BINARY_FUNCTIONS[ops.NB_ADD] = PyNumber_Add
    BINARY_FUNCTIONS[ops.NB_AND] = PyNumber_And
    BINARY_FUNCTIONS[ops.NB_FLOOR_DIVIDE] = PyNumber_FloorDivide
    BINARY_FUNCTIONS[ops.NB_LSHIFT] = PyNumber_Lshift
    BINARY_FUNCTIONS[ops.NB_MATRIX_MULTIPLY] = PyNumber_MatrixMultiply
    BINARY_FUNCTIONS[ops.NB_MULTIPLY] = PyNumber_Multiply
    BINARY_FUNCTIONS[ops.NB_REMAINDER] = PyNumber_Remainder
    BINARY_FUNCTIONS[ops.NB_OR] = PyNumber_Or
    BINARY_FUNCTIONS[ops.NB_POWER] = power
    BINARY_FUNCTIONS[ops.NB_RSHIFT] = PyNumber_Rshift
    BINARY_FUNCTIONS[ops.NB_SUBTRACT] = PyNumber_Subtract
    BINARY_FUNCTIONS[ops.NB_TRUE_DIVIDE] = PyNumber_TrueDivide
    BINARY_FUNCTIONS[ops.NB_XOR] = PyNumber_Xor
    BINARY_FUNCTIONS[ops.NB_INPLACE_ADD] = PyNumber_InPlaceAdd
    BINARY_FUNCTIONS[ops.NB_INPLACE_AND] = PyNumber_InPlaceAnd
    BINARY_FUNCTIONS[ops.NB_INPLACE_FLOOR_DIVIDE] = PyNumber_InPlaceFloorDivide
    BINARY_FUNCTIONS[ops.NB_INPLACE_LSHIFT] = PyNumber_InPlaceLshift
    BINARY_FUNCTIONS[ops.NB_INPLACE_MATRIX_MULTIPLY] = PyNumber_InPlaceMatrixMultiply
    BINARY_FUNCTIONS[ops.NB_INPLACE_MULTIPLY] = PyNumber_InPlaceMultiply
    BINARY_FUNCTIONS[ops.NB_INPLACE_REMAINDER] = PyNumber_InPlaceRemainder
    BINARY_FUNCTIONS[ops.NB_INPLACE_OR] = PyNumber_InPlaceOr
    BINARY_FUNCTIONS[ops.NB_INPLACE_POWER] = inplace_power
    BINARY_FUNCTIONS[ops.NB_INPLACE_RSHIFT] = PyNumber_InPlaceRshift
    BINARY_FUNCTIONS[ops.NB_INPLACE_SUBTRACT] = PyNumber_InPlaceSubtract
    BINARY_FUNCTIONS[ops.NB_INPLACE_TRUE_DIVIDE] = PyNumber_InPlaceTrueDivide
    BINARY_FUNCTIONS[ops.NB_INPLACE_XOR] = PyNumber_InPlaceXor
    BINARY_FUNCTIONS[ops.NB_SUBSCR] = PyObject_GetItem


cdef inline PyObject **replace_two(PyObject **sp, PyObject *result) noexcept nogil:
    """left right -- result.  NULL, with both operands kept, if there is no result."""
    if unlikely(result is NULL):
        return NULL
    cdef PyObject *left = sp[-2]
    cdef PyObject *right = sp[-1]
    sp[-2] = result
    Py_DECREF(left)
    Py_DECREF(right)
    return sp - 1


cdef inline PyObject **binary_op(PyObject **sp, int oparg) noexcept nogil:
    return replace_two(sp, BINARY_FUNCTIONS[oparg](sp[-2], sp[-1]))
