# Fused instructions: several that stand in a row, done by one arm.  Text of _core.pyx.
#
# What pays is not the dispatch saved but the references: an operand that is loaded from
# a local or from the constants only to be used by the very next instruction is used
# where it is, *borrowed*, and its count stays as it is.  A fused arm looks at the form
# in which the last of its instructions stands at that moment.  What it cannot do, it
# has not begun: it goes on as the unfused load.

cdef inline PyObject *constant_at(HostFrame *frame, int i) noexcept nogil:
    return (<PyTupleObject *>frame.f_code.co_consts).ob_item[i]


cdef PyObject *without_memory() noexcept nogil:
    """Nothing was done; the unfused instructions will fail for themselves."""
    PyErr_Clear()
    return NULL


cdef inline PyObject *or_nothing(PyObject *result) noexcept nogil:
    return result if likely(result is not NULL) else without_memory()


cdef PyObject *extended(
    PyObject *left, PyObject *right, uint16_t *next
) noexcept nogil:
    """The result of BINARY_OP_EXTEND where it runs no code; NULL for the rest."""
    cdef Extension *row = row_of(next)
    if not row.runs_nothing:
        return NULL
    if not row_fits(row, left, right):
        return NULL
    return or_nothing(row.compute(left, right))


cdef inline PyObject *borrowed_binary(
    int form, PyObject *left, PyObject *right, uint16_t *next
) noexcept nogil:
    """The result of BINARY_OP in this form, `next` behind its unit; NULL for no result.

    Both operands stay as they are; an unbound left one is NULL.
    """
    cdef long a, b
    if unlikely(left is NULL or right is NULL):
        return NULL
    if form == ops.BINARY_OP_ADD_INT:
        if likely(host_both_compact(left, right, &a, &b)):
            return or_nothing(host_new_int(a + b))
    elif form == ops.BINARY_OP_SUBTRACT_INT:
        if likely(host_both_compact(left, right, &a, &b)):
            return or_nothing(host_new_int(a - b))
    elif form == ops.BINARY_OP_MULTIPLY_INT:
        if likely(host_both_compact(left, right, &a, &b)):
            return or_nothing(host_new_int(a * b))
    elif form == ops.BINARY_OP_ADD_FLOAT:
        if likely(PyFloat_CheckExact(left) and PyFloat_CheckExact(right)):
            return or_nothing(
                host_new_float(PyFloat_AS_DOUBLE(left) + PyFloat_AS_DOUBLE(right)))
    elif form == ops.BINARY_OP_SUBTRACT_FLOAT:
        if likely(PyFloat_CheckExact(left) and PyFloat_CheckExact(right)):
            return or_nothing(
                host_new_float(PyFloat_AS_DOUBLE(left) - PyFloat_AS_DOUBLE(right)))
    elif form == ops.BINARY_OP_MULTIPLY_FLOAT:
        if likely(PyFloat_CheckExact(left) and PyFloat_CheckExact(right)):
            return or_nothing(
                host_new_float(PyFloat_AS_DOUBLE(left) * PyFloat_AS_DOUBLE(right)))
    elif form == ops.BINARY_OP_SUBSCR_LIST_INT:
        return own_item(list_item(left, right))
    elif form == ops.BINARY_OP_SUBSCR_TUPLE_INT:
        return own_item(tuple_item(left, right))
    elif form == ops.BINARY_OP_SUBSCR_STR_INT:
        return own_item(string_item(left, right))
    elif form == ops.BINARY_OP_EXTEND:
        return extended(left, right, next)
    return NULL


cdef inline bint borrowed_in_place(
    int form, PyObject *left, PyObject *right, HostFrame *frame, uint16_t *next
) noexcept nogil:
    """`number_in_place` for borrowed operands, of which the unbound are NULL."""
    if unlikely(left is NULL or right is NULL):
        return False
    return number_in_place(form, left, right, 1, frame, next)


cdef inline PyObject *half_borrowed_binary(
    int form, PyObject *left, PyObject *right, uint16_t *next
) noexcept nogil:
    """The same, where the reference to the left operand is taken over with a result."""
    cdef PyObject *result
    cdef long a, b
    if unlikely(right is NULL):
        return NULL
    if form == ops.BINARY_OP_ADD_INT:
        if likely(host_both_compact(left, right, &a, &b)):
            return or_nothing(host_int_from_int(left, a + b))
    elif form == ops.BINARY_OP_SUBTRACT_INT:
        if likely(host_both_compact(left, right, &a, &b)):
            return or_nothing(host_int_from_int(left, a - b))
    elif form == ops.BINARY_OP_MULTIPLY_INT:
        if likely(host_both_compact(left, right, &a, &b)):
            return or_nothing(host_int_from_int(left, a * b))
    elif form == ops.BINARY_OP_ADD_FLOAT:
        if likely(PyFloat_CheckExact(left) and PyFloat_CheckExact(right)):
            return or_nothing(
                host_float_from_float(
                    left, PyFloat_AS_DOUBLE(left) + PyFloat_AS_DOUBLE(right)))
    elif form == ops.BINARY_OP_SUBTRACT_FLOAT:
        if likely(PyFloat_CheckExact(left) and PyFloat_CheckExact(right)):
            return or_nothing(
                host_float_from_float(
                    left, PyFloat_AS_DOUBLE(left) - PyFloat_AS_DOUBLE(right)))
    elif form == ops.BINARY_OP_MULTIPLY_FLOAT:
        if likely(PyFloat_CheckExact(left) and PyFloat_CheckExact(right)):
            return or_nothing(
                host_float_from_float(
                    left, PyFloat_AS_DOUBLE(left) * PyFloat_AS_DOUBLE(right)))
    elif form == ops.BINARY_OP_EXTEND:
        result = extended(left, right, next)
        if likely(result is not NULL):
            drop_number(left)
        return result
    return NULL


cdef inline void drop_number(PyObject *value) noexcept nogil:
    """Drops a reference to an exact int or float, or to what is not the last one."""
    if host_was_last(value):
        if PyLong_CheckExact(value):
            host_end_int(value)
        else:
            host_end_float(value)


cdef inline int borrowed_compare(
    int form, PyObject *left, PyObject *right, int oparg
) noexcept nogil:
    """The truth of COMPARE_OP in this form, or -1; an unbound operand is NULL."""
    cdef int wanted = oparg >> ops.COMPARE_SHIFT
    cdef long a, b
    if unlikely(left is NULL or right is NULL):
        return -1
    if likely(form == ops.COMPARE_OP_INT):
        if likely(host_both_compact(left, right, &a, &b)):
            return compare_longs(a, b, wanted)
    elif form == ops.COMPARE_OP_FLOAT:
        if likely(PyFloat_CheckExact(left) and PyFloat_CheckExact(right)):
            return compare_doubles(
                PyFloat_AS_DOUBLE(left), PyFloat_AS_DOUBLE(right), wanted
            )
    elif form == ops.COMPARE_OP_STR:
        if likely(PyUnicode_CheckExact(left) and PyUnicode_CheckExact(right)):
            return host_strings_equal(left, right) ^ (wanted == Py_NE)
    elif form == ops.COMPARE_OP_NUMBER:
        return number_relation(left, right, wanted)
    elif form == ops.COMPARE_OP_IDENTITY:
        if likely(both_by_identity(left, right)):
            return (left is right) ^ (wanted == Py_NE)
    return -1


cdef inline PyObject **push_loaded(
    PyObject **sp, PyObject *value, int oparg
) noexcept nogil:
    """-- value, or null value where it is to be called; takes the reference over."""
    if oparg & 1:
        sp[0] = NULL
        sp += 1
    sp[0] = value
    return sp + 1


cdef inline PyObject *module_value_behind(
    PyObject *owner, int oparg, uint16_t *unit
) noexcept nogil:
    """What the LOAD_ATTR_MODULE at the unit loads from the owner, borrowed; NULL where
    another instruction stands there, or its guard fails.

    For the LOAD_GLOBAL with this argument in front of it: the module itself is not put
    on the stack.  Not where executions are counted, as it is a site of its own.
    """
    if ADAPTIVE_STATS or unit_op(unit[0]) != ops.LOAD_ATTR_MODULE or oparg & 1:
        return NULL
    return module_value(owner, unit + 1)


cdef inline PyObject *borrowed_attribute(
    int form, PyObject *owner, uint16_t *next
) noexcept nogil:
    """What LOAD_ATTR in this form loads from the owner, borrowed, or NULL."""
    if form == ops.LOAD_ATTR_NONDESCRIPTOR_WITH_VALUES:
        return type_value_with_values(owner, next)
    return NULL


cdef inline PyObject *borrowed_method(
    int form, PyObject *owner, uint16_t *next
) noexcept nogil:
    """The function that LOAD_ATTR in this form loads for a call, borrowed, or NULL."""
    if form == ops.LOAD_ATTR_METHOD_NO_DICT:
        return type_value_without_dict(owner, next)
    return NULL


cdef inline int borrowed_truth(
    int form, PyObject *value, uint16_t *next
) noexcept nogil:
    """The truth of TO_BOOL's operand in this form, or -1."""
    if unlikely(value is NULL):
        return -1
    if form == ops.TO_BOOL_BOOL:
        if value is Py_True:
            return 1
        return 0 if value is Py_False else -1
    elif form == ops.TO_BOOL_INT:
        return Py_SIZE(value) != 0 if PyLong_CheckExact(value) else -1
    elif form == ops.TO_BOOL_LIST:
        return PyList_GET_SIZE(value) != 0 if PyList_CheckExact(value) else -1
    elif form == ops.TO_BOOL_NONE:
        return 0 if value is Py_None else -1
    elif form == ops.TO_BOOL_STR:
        return host_string_is_true(value) if PyUnicode_CheckExact(value) else -1
    elif form == ops.TO_BOOL_ALWAYS_TRUE:
        if value is Py_None:
            return 0
        return 1 if is_true_by_type(value, next) else -1
    return -1
