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


cdef inline PyObject *compute_ints(long a, long b, int oparg) noexcept nogil:
    """The result for two small ints; NULL, without an error, for other operators."""
    if oparg == ops.NB_ADD or oparg == ops.NB_INPLACE_ADD:
        return PyLong_FromLong(a + b)
    if oparg == ops.NB_SUBTRACT or oparg == ops.NB_INPLACE_SUBTRACT:
        return PyLong_FromLong(a - b)
    if oparg == ops.NB_MULTIPLY or oparg == ops.NB_INPLACE_MULTIPLY:
        return PyLong_FromLong(a * b)
    if oparg == ops.NB_AND or oparg == ops.NB_INPLACE_AND:
        return PyLong_FromLong(a & b)
    return NULL


cdef inline PyObject *compute_floats(double a, double b, int oparg) noexcept nogil:
    """The result for two floats; NULL, without an error, for other operators."""
    if oparg == ops.NB_ADD or oparg == ops.NB_INPLACE_ADD:
        return PyFloat_FromDouble(a + b)
    if oparg == ops.NB_SUBTRACT or oparg == ops.NB_INPLACE_SUBTRACT:
        return PyFloat_FromDouble(a - b)
    if oparg == ops.NB_MULTIPLY or oparg == ops.NB_INPLACE_MULTIPLY:
        return PyFloat_FromDouble(a * b)
    if oparg == ops.NB_TRUE_DIVIDE or oparg == ops.NB_INPLACE_TRUE_DIVIDE:
        return PyFloat_FromDouble(a / b) if b != 0.0 else NULL
    return NULL


cdef inline PyObject *item_at(PyObject *container, PyObject *key) noexcept nogil:
    """A list's or tuple's item at a small index from the front; NULL for the rest."""
    cdef Py_ssize_t index = host_compact_index(key)
    cdef PyObject *item
    if index < 0:
        return NULL
    if PyList_CheckExact(container) and index < PyList_GET_SIZE(container):
        item = PyList_GET_ITEM(container, index)
    elif PyTuple_CheckExact(container) and index < PyTuple_GET_SIZE(container):
        item = PyTuple_GET_ITEM(container, index)
    else:
        return NULL
    Py_INCREF(item)
    return item


cdef inline PyObject **binary_op(PyObject **sp, int oparg) noexcept nogil:
    cdef PyObject *result = NULL
    cdef long a, b
    if oparg == ops.NB_SUBSCR:
        result = item_at(sp[-2], sp[-1])
    elif host_both_compact(sp[-2], sp[-1], &a, &b):
        result = compute_ints(a, b, oparg)
    elif PyFloat_CheckExact(sp[-2]) and PyFloat_CheckExact(sp[-1]):
        result = compute_floats(
            PyFloat_AS_DOUBLE(sp[-2]), PyFloat_AS_DOUBLE(sp[-1]), oparg
        )
    if result is NULL:
        result = BINARY_FUNCTIONS[oparg](sp[-2], sp[-1])
    return replace_two(sp, result)


cdef HostFrame *push_getitem(
    PyThreadState *ts, PyObject **sp, CodeState **callee
) noexcept nogil:
    """A frame for container[key] where a Python-level __getitem__ does it, else NULL.

    container key --: both are taken over.
    """
    cdef PyTypeObject *kind = Py_TYPE(sp[-2])
    cdef Attribute *entry
    cdef HostFrame *frame
    if not kind.tp_flags & Py_TPFLAGS_HEAPTYPE:
        return NULL
    entry = attribute_of(sp[-2], kind, STR_GETITEM)
    if entry is NULL or entry.found is NULL or not host_is_plain_function(entry.found):
        return NULL
    callee[0] = callee_state(
        ts, <PyCodeObject *>(<PyFunctionObject *>entry.found).func_code
    )
    if callee[0] is NULL or not callee[0].plain_arguments or callee[0].parameters != 2:
        return NULL
    frame = push_plain_call(
        ts, <PyFunctionObject *>entry.found, callee[0], sp - 2, 2
    )
    if frame is not NULL:
        record_of(frame, callee[0]).kept = NULL
    return frame
