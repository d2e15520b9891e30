# BINARY_OP: left right -- result.  Text of _core.pyx.
#
# Division of C numbers is C's own here (the build's `cdivision`).

from libc.math cimport copysign, fmod, isfinite, pow

cdef binaryfunc[ops.NB_SUBSCR + 1] BINARY_FUNCTIONS

# Where a type has its functions for an operator; 0 for those it is not asked for.
ctypedef struct NumberSlots:
    int plain
    int in_place            # asked before that, if the type has one

cdef NumberSlots[ops.NB_SUBSCR + 1] NUMBER_SLOTS

cdef void init_number_slots() noexcept:
    """By the argument of BINARY_OP."""
    note_slots(ops.NB_ADD, ops.NB_INPLACE_ADD, HOST_NB_ADD, HOST_NB_INPLACE_ADD)
    note_slots(
        ops.NB_SUBTRACT, ops.NB_INPLACE_SUBTRACT,
        HOST_NB_SUBTRACT, HOST_NB_INPLACE_SUBTRACT,
    )
    note_slots(
        ops.NB_MULTIPLY, ops.NB_INPLACE_MULTIPLY,
        HOST_NB_MULTIPLY, HOST_NB_INPLACE_MULTIPLY,
    )
    note_slots(
        ops.NB_TRUE_DIVIDE, ops.NB_INPLACE_TRUE_DIVIDE,
        HOST_NB_TRUE_DIVIDE, HOST_NB_INPLACE_TRUE_DIVIDE,
    )
    note_slots(
        ops.NB_FLOOR_DIVIDE, ops.NB_INPLACE_FLOOR_DIVIDE,
        HOST_NB_FLOOR_DIVIDE, HOST_NB_INPLACE_FLOOR_DIVIDE,
    )
    note_slots(
        ops.NB_REMAINDER, ops.NB_INPLACE_REMAINDER,
        HOST_NB_REMAINDER, HOST_NB_INPLACE_REMAINDER,
    )
    note_slots(ops.NB_AND, ops.NB_INPLACE_AND, HOST_NB_AND, HOST_NB_INPLACE_AND)
    note_slots(ops.NB_OR, ops.NB_INPLACE_OR, HOST_NB_OR, HOST_NB_INPLACE_OR)
    note_slots(ops.NB_XOR, ops.NB_INPLACE_XOR, HOST_NB_XOR, HOST_NB_INPLACE_XOR)

cdef void note_slots(int plain, int changing, int slot, int changing_slot) noexcept:
    NUMBER_SLOTS[plain].plain = slot
    NUMBER_SLOTS[changing].plain = slot
    NUMBER_SLOTS[changing].in_place = changing_slot

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
    drop_value(left)
    drop_value(right)
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


cdef inline PyObject *own_item(PyObject *item) noexcept nogil:
    """A new reference to what may be NULL.  Py_XINCREF is a call in the loop."""
    if likely(item is not NULL):
        Py_INCREF(item)
    return item


cdef inline PyObject *item_at(PyObject *container, PyObject *key) noexcept nogil:
    """A list's or tuple's item at a small index from the front; NULL for the rest."""
    cdef PyObject *item = list_item(container, key)
    if item is NULL:
        item = tuple_item(container, key)
    return own_item(item)


cdef inline PyObject **binary_op(PyObject **sp, int oparg) noexcept nogil:
    cdef PyObject *result = NULL
    cdef binaryfunc function
    cdef long a, b
    if oparg == ops.NB_SUBSCR:
        result = item_at(sp[-2], sp[-1])
        if result is NULL and is_python_dict(sp[-2]):
            function = PyDict_Type.tp_as_mapping.mp_subscript
            return replace_two(sp, function(sp[-2], sp[-1]))
    elif host_both_compact(sp[-2], sp[-1], &a, &b):
        result = compute_ints(a, b, oparg)
    elif PyFloat_CheckExact(sp[-2]) and PyFloat_CheckExact(sp[-1]):
        result = compute_floats(
            PyFloat_AS_DOUBLE(sp[-2]), PyFloat_AS_DOUBLE(sp[-1]), oparg
        )
    else:
        function = function_of_left(sp[-2], sp[-1], oparg)
        if function is not NULL:
            result = function(sp[-2], sp[-1])
            if likely(result is not Py_NotImplemented):
                return replace_two(sp, result)
            Py_DECREF(result)
            result = NULL
    if result is NULL:
        result = BINARY_FUNCTIONS[oparg](sp[-2], sp[-1])
    return replace_two(sp, result)


cdef inline binaryfunc function_of_left(
    PyObject *left, PyObject *right, int oparg
) noexcept nogil:
    """What the operator asks first for these operands, the left one's; NULL: who knows.

    It is first if the right operand is of the same type, or an int, whose type no type
    with numbers' operators is a base of.  Only of types that no class statement has
    made: if theirs says NotImplemented, the operator may ask it once more.
    """
    cdef PyTypeObject *kind = Py_TYPE(left)
    if kind.tp_flags & Py_TPFLAGS_HEAPTYPE:
        return NULL
    if Py_TYPE(right) is not kind and not PyLong_CheckExact(right):
        return NULL
    return host_number_function(
        kind, NUMBER_SLOTS[oparg].plain, NUMBER_SLOTS[oparg].in_place
    )


cdef inline bint has_python_subscript(PyObject *container) noexcept nogil:
    """Whether a Python-level __getitem__ may take container[key]: its slot is there."""
    cdef PyMappingMethods *methods = Py_TYPE(container).tp_as_mapping
    return methods is not NULL and methods.mp_subscript is python_subscript


cdef bint is_python_dict(PyObject *container) noexcept nogil:
    """Whether it is of a subclass of dict whose __getitem__ is dict's: the host's slot
    for such classes finds that by name, and calls it as a method.
    """
    cdef Attribute *entry
    if not (PyDict_Check(container) and has_python_subscript(container)):
        return False
    entry = attribute_of(container, Py_TYPE(container), STR_GETITEM)
    return entry is not NULL and entry.found is dict_getitem


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
    if callee[0] is NULL or not (
        callee[0].plain_arguments and callee[0].code.co_argcount == 2
    ):
        return NULL
    frame = push_plain_call(
        ts, <PyFunctionObject *>entry.found, callee[0], sp - 2, 2
    )
    if frame is not NULL:
        Py_INCREF(entry.found)
        record_of(frame, callee[0]).kept = NULL
    return frame


# -- forms: guards and actions

cdef inline bint both_ints(PyObject **sp) noexcept nogil:
    return PyLong_CheckExact(sp[-2]) and PyLong_CheckExact(sp[-1])


cdef inline bint both_floats(PyObject **sp) noexcept nogil:
    return PyFloat_CheckExact(sp[-2]) and PyFloat_CheckExact(sp[-1])


cdef inline bint both_strings(PyObject **sp) noexcept nogil:
    return PyUnicode_CheckExact(sp[-2]) and PyUnicode_CheckExact(sp[-1])


cdef inline PyObject **put_number(PyObject **sp, PyObject *result) noexcept nogil:
    """left right -- result, when the result has taken over both references."""
    if unlikely(result is NULL):
        return NULL
    sp[-2] = result
    return sp - 1


cdef PyObject **compute_large(PyObject **sp, int oparg) noexcept nogil:
    """left right -- result, where one of the ints has more than one digit."""
    cdef long a, b, value
    cdef int wanted = plain_operator(oparg)
    if host_medium(sp[-2], &a) and host_medium(sp[-1], &b):
        # Two digits have 60 bits, so that only a product can leave the 63 of a long.
        if wanted == ops.NB_ADD:
            return put_number(sp, host_int_from_ints(sp[-2], sp[-1], a + b))
        if wanted == ops.NB_SUBTRACT:
            return put_number(sp, host_int_from_ints(sp[-2], sp[-1], a - b))
        if not host_multiply_overflows(a, b, &value):
            return put_number(sp, host_int_from_ints(sp[-2], sp[-1], value))
    return replace_two(sp, BINARY_FUNCTIONS[oparg](sp[-2], sp[-1]))


cdef inline PyObject **add_ints(PyObject **sp, int oparg) noexcept nogil:
    cdef long a, b
    if likely(host_both_compact(sp[-2], sp[-1], &a, &b)):
        return put_number(sp, host_int_from_ints(sp[-2], sp[-1], a + b))
    return compute_large(sp, oparg)


cdef inline PyObject **subtract_ints(PyObject **sp, int oparg) noexcept nogil:
    cdef long a, b
    if likely(host_both_compact(sp[-2], sp[-1], &a, &b)):
        return put_number(sp, host_int_from_ints(sp[-2], sp[-1], a - b))
    return compute_large(sp, oparg)


cdef inline PyObject **multiply_ints(PyObject **sp, int oparg) noexcept nogil:
    cdef long a, b
    if likely(host_both_compact(sp[-2], sp[-1], &a, &b)):
        return put_number(sp, host_int_from_ints(sp[-2], sp[-1], a * b))
    return compute_large(sp, oparg)


cdef inline PyObject **put_float(PyObject **sp, double value) noexcept nogil:
    """left right -- value, for two exact floats."""
    return put_number(sp, host_float_from_floats(sp[-2], sp[-1], value))


cdef inline double left_float(PyObject **sp) noexcept nogil:
    return PyFloat_AS_DOUBLE(sp[-2])


cdef inline double right_float(PyObject **sp) noexcept nogil:
    return PyFloat_AS_DOUBLE(sp[-1])


cdef PyObject **append_string(PyObject **sp, PyObject **local) noexcept nogil:
    """left right --, where `left` is also the local's value, which becomes the sum.

    With only these two references the string grows in place.  NULL, with an exception,
    leaves the local unbound and both operands dropped.
    """
    cdef PyObject *right = sp[-1]
    Py_DECREF(sp[-2])
    PyUnicode_Append(local, right)
    Py_DECREF(right)
    return NULL if local[0] is NULL else sp - 2


cdef inline PyObject *list_item(PyObject *container, PyObject *key) noexcept nogil:
    """The item of an exact list at a small index from the front, borrowed, or NULL."""
    cdef PyObject **place = place_in_list(container, key)
    return NULL if unlikely(place is NULL) else place[0]


cdef inline PyObject *tuple_item(PyObject *container, PyObject *key) noexcept nogil:
    """The same of an exact tuple."""
    cdef Py_ssize_t index
    if unlikely(not PyTuple_CheckExact(container)):
        return NULL
    index = host_compact_index(key)
    if unlikely(index < 0 or index >= PyTuple_GET_SIZE(container)):
        return NULL
    return PyTuple_GET_ITEM(container, index)


cdef inline PyObject *string_item(PyObject *container, PyObject *key) noexcept nogil:
    """The same of an exact string, where the character is one of Latin-1."""
    cdef Py_ssize_t index
    cdef Py_UCS4 character
    if unlikely(not PyUnicode_CheckExact(container)):
        return NULL
    index = host_compact_index(key)
    if unlikely(index < 0 or index >= PyUnicode_GET_LENGTH(container)):
        return NULL
    character = host_character(container, index)
    return host_characters[character] if likely(character < 256) else NULL


cdef PyObject *dict_item(PyObject *container, PyObject *key) noexcept nogil:
    """The value of an exact dict, a new reference; NULL with an error."""
    cdef PyObject *value = PyDict_GetItemWithError(container, key)
    if likely(value is not NULL):
        Py_INCREF(value)
    elif not PyErr_Occurred():
        _PyErr_SetKeyError(key)
    return value


cdef PyObject *list_slice(PyObject *items, PyObject *bounds) noexcept nogil:
    """A new list; NULL with an error, or without one if this is no slice."""
    cdef Py_ssize_t start, stop
    if not host_plain_slice(bounds, &start, &stop):
        if not PySlice_Check(bounds):
            return NULL
        return PyList_Type.tp_as_mapping.mp_subscript(items, bounds)
    PySlice_AdjustIndices(PyList_GET_SIZE(items), &start, &stop, 1)
    return PyList_GetSlice(items, start, stop)


cdef PyObject *string_slice(PyObject *text, PyObject *bounds) noexcept nogil:
    """The same for an exact string."""
    cdef Py_ssize_t start, stop
    if not host_plain_slice(bounds, &start, &stop):
        return NULL
    PySlice_AdjustIndices(PyUnicode_GET_LENGTH(text), &start, &stop, 1)
    return PyUnicode_Substring(text, start, max(start, stop))


cdef PyObject *tuple_slice(PyObject *items, PyObject *bounds) noexcept nogil:
    """The same for an exact tuple."""
    cdef Py_ssize_t start, stop
    if not host_plain_slice(bounds, &start, &stop):
        return NULL
    PySlice_AdjustIndices(PyTuple_GET_SIZE(items), &start, &stop, 1)
    return PyTuple_GetSlice(items, start, stop)


# -- BINARY_OP_EXTEND: one form for the rest, by a table

cdef PyObject *and_ints(PyObject *left, PyObject *right) noexcept nogil:
    cdef long a, b
    if not host_both_medium(left, right, &a, &b):
        return NULL
    return host_new_int(a & b)

cdef PyObject *or_ints(PyObject *left, PyObject *right) noexcept nogil:
    cdef long a, b
    if not host_both_medium(left, right, &a, &b):
        return NULL
    return host_new_int(a | b)

cdef PyObject *xor_ints(PyObject *left, PyObject *right) noexcept nogil:
    cdef long a, b
    if not host_both_medium(left, right, &a, &b):
        return NULL
    return host_new_int(a ^ b)

cdef PyObject *shift_left(PyObject *left, PyObject *right) noexcept nogil:
    cdef long a, b
    cdef long product
    if not host_both_medium(left, right, &a, &b) or b < 0 or b > 62:
        return NULL
    if host_multiply_overflows(a, 1L << b, &product):
        return NULL
    return host_new_int(product)

cdef PyObject *shift_right(PyObject *left, PyObject *right) noexcept nogil:
    cdef long a, b
    if not host_both_medium(left, right, &a, &b) or b < 0 or b > 62:
        return NULL
    return host_new_int(a >> b)

cdef PyObject *floor_divide_ints(PyObject *left, PyObject *right) noexcept nogil:
    cdef long a, b, quotient
    if not host_both_medium(left, right, &a, &b) or b == 0:
        return NULL
    quotient = a // b
    if (a % b != 0) and ((a < 0) != (b < 0)):
        quotient -= 1
    return host_new_int(quotient)

cdef PyObject *remainder_of_ints(PyObject *left, PyObject *right) noexcept nogil:
    cdef long a, b, rest
    if not host_both_medium(left, right, &a, &b) or b == 0:
        return NULL
    rest = a % b
    if rest != 0 and ((rest < 0) != (b < 0)):
        rest += b
    return host_new_int(rest)

cdef PyObject *divide_ints(PyObject *left, PyObject *right) noexcept nogil:
    cdef long a, b
    # Where both are exact as doubles, one division rounds as the host does.
    if not host_both_compact(left, right, &a, &b) or b == 0:
        return NULL
    return host_new_float(<double>a / <double>b)

cdef PyObject *divide_floats(PyObject *left, PyObject *right) noexcept nogil:
    cdef double b = PyFloat_AS_DOUBLE(right)
    return NULL if b == 0.0 else host_new_float(PyFloat_AS_DOUBLE(left) / b)

cdef PyObject *remainder_of_floats(PyObject *left, PyObject *right) noexcept nogil:
    cdef double b = PyFloat_AS_DOUBLE(right)
    cdef double rest
    if b == 0.0:
        return NULL
    rest = fmod(PyFloat_AS_DOUBLE(left), b)
    if rest == 0.0:
        return host_new_float(copysign(0.0, b))
    if (b < 0) != (rest < 0):
        rest += b
    return host_new_float(rest)

cdef PyObject *power_of_float(PyObject *left, PyObject *right) noexcept nogil:
    cdef long b
    cdef double a = PyFloat_AS_DOUBLE(left)
    cdef double result
    if not host_compact(right, &b) or a == 0.0 or not isfinite(a):
        return NULL
    result = pow(a, <double>b)
    # Overflow and the like are the host's to report.
    if result == 0.0 or not isfinite(result):
        return NULL
    return host_new_float(result)

# Up to here every int is a double: 2 ** 53.
cdef long EXACT_DOUBLES = 9_007_199_254_740_992

cdef inline bint as_double(PyObject *value, double *number) noexcept nogil:
    """Whether the value is a float, or an int that is exact as one."""
    cdef long whole
    if PyFloat_CheckExact(value):
        number[0] = PyFloat_AS_DOUBLE(value)
        return True
    if not PyLong_CheckExact(value) or not host_medium(value, &whole):
        return False
    number[0] = <double>whole
    return -EXACT_DOUBLES <= whole <= EXACT_DOUBLES

cdef inline bint both_whole(PyObject *left, PyObject *right) noexcept nogil:
    return PyLong_CheckExact(left) and PyLong_CheckExact(right)

cdef inline bint both_as_doubles(
    PyObject *left, PyObject *right, double *a, double *b
) noexcept nogil:
    return as_double(left, a) and as_double(right, b)

cdef PyObject *add_numbers(PyObject *left, PyObject *right) noexcept nogil:
    cdef long i, j
    cdef double a, b
    if both_whole(left, right):
        return host_new_int(i + j) if host_both_medium(left, right, &i, &j) else NULL
    return host_new_float(a + b) if both_as_doubles(left, right, &a, &b) else NULL

cdef PyObject *subtract_numbers(PyObject *left, PyObject *right) noexcept nogil:
    cdef long i, j
    cdef double a, b
    if both_whole(left, right):
        return host_new_int(i - j) if host_both_medium(left, right, &i, &j) else NULL
    return host_new_float(a - b) if both_as_doubles(left, right, &a, &b) else NULL

cdef PyObject *multiply_numbers(PyObject *left, PyObject *right) noexcept nogil:
    cdef long i, j, product
    cdef double a, b
    if both_whole(left, right):
        if not host_both_medium(left, right, &i, &j):
            return NULL
        if host_multiply_overflows(i, j, &product):
            return NULL
        return host_new_int(product)
    return host_new_float(a * b) if both_as_doubles(left, right, &a, &b) else NULL

cdef PyObject *divide_numbers(PyObject *left, PyObject *right) noexcept nogil:
    cdef double a, b
    # Where both are exact as doubles, one division rounds as the host does.
    if not both_as_doubles(left, right, &a, &b) or b == 0.0:
        return NULL
    return host_new_float(a / b)

cdef inline Py_ssize_t index_from_end(PyObject *key, Py_ssize_t size) noexcept nogil:
    """Where a small negative index leads in `size` items, or a negative number."""
    cdef long index
    return index + size if host_compact(key, &index) and index < 0 else -1

cdef PyObject *list_item_from_end(PyObject *items, PyObject *key) noexcept nogil:
    cdef Py_ssize_t index = index_from_end(key, PyList_GET_SIZE(items))
    return NULL if index < 0 else own_item(PyList_GET_ITEM(items, index))

cdef PyObject *tuple_item_from_end(PyObject *items, PyObject *key) noexcept nogil:
    cdef Py_ssize_t index = index_from_end(key, PyTuple_GET_SIZE(items))
    return NULL if index < 0 else own_item(PyTuple_GET_ITEM(items, index))


# One row: for which operator and exact types, or for every two of int and float, and
# what computes the result.  `compute` returns a new reference, or NULL without an error
# where it does not know the answer.
ctypedef struct Extension:
    int wanted
    bint for_numbers        # every two of int and float
    PyTypeObject *left
    PyTypeObject *right
    binaryfunc compute
    bint runs_nothing       # it allocates numbers only, so that no code can run

cdef enum:
    EXTENSION_COUNT = 24
    ARRAYS = EXTENSION_COUNT - 1    # the row of array[int]

cdef Extension[EXTENSION_COUNT] EXTENSIONS


# Sequences of numbers: bytes, bytearrays, and array.array's arrays, whose type is not
# the library's to name.
cdef PyTypeObject *array_type = NULL    # strong; NULL until a site has had an array


cdef void notice_array(PyTypeObject *kind) noexcept nogil:
    """An array's type is known by its name, which no class made in Python can have
    together with being unchangeable."""
    global array_type
    if array_type is not NULL or not kind.tp_flags & Py_TPFLAGS_IMMUTABLETYPE:
        return
    if strcmp(kind.tp_name, b"array.array") == 0:
        Py_INCREF(<PyObject *>kind)
        array_type = kind
        EXTENSIONS[ARRAYS].left = kind


cdef inline Py_ssize_t place_in_sequence(
    PyObject *items, PyObject *key
) noexcept nogil:
    """The index that a small int names in a sequence of numbers, or -1."""
    cdef long index
    cdef Py_ssize_t size = Py_SIZE(items)
    if unlikely(not PyLong_CheckExact(key) or not host_compact(key, &index)):
        return -1
    if index < 0:
        index += size
    return index if likely(0 <= index < size) else -1


cdef PyObject *sequence_item(PyObject *items, PyObject *key) noexcept nogil:
    cdef Py_ssize_t index = place_in_sequence(items, key)
    if unlikely(index < 0):
        return NULL
    return Py_TYPE(items).tp_as_sequence.sq_item(items, index)


cdef inline bint is_number(PyTypeObject *kind) noexcept nogil:
    return kind is &PyLong_Type or kind is &PyFloat_Type


cdef inline bint row_fits(
    Extension *row, PyObject *left, PyObject *right
) noexcept nogil:
    """Whether the row is for operands of these types."""
    if row.for_numbers:
        return is_number(Py_TYPE(left)) and is_number(Py_TYPE(right))
    return Py_IS_TYPE(left, row.left) and Py_IS_TYPE(right, row.right)


cdef int extend(
    int row, int wanted, PyTypeObject *left, PyTypeObject *right, binaryfunc compute
) noexcept:
    """Fills one row; the next one's number."""
    EXTENSIONS[row].wanted = wanted
    EXTENSIONS[row].left = left
    EXTENSIONS[row].right = right
    EXTENSIONS[row].compute = compute
    EXTENSIONS[row].runs_nothing = compute is sequence_item or (
        is_number(left) and is_number(right)
    )
    return row + 1


cdef int extend_numbers(int row, int wanted, binaryfunc compute) noexcept:
    """Fills one row for every two of int and float; the next one's number."""
    EXTENSIONS[row].wanted = wanted
    EXTENSIONS[row].for_numbers = True
    EXTENSIONS[row].compute = compute
    EXTENSIONS[row].runs_nothing = True
    return row + 1


cdef void init_extensions() noexcept:
    cdef PyTypeObject *integer = &PyLong_Type
    cdef PyTypeObject *real = &PyFloat_Type
    cdef int row = 0
    row = extend(row, ops.NB_AND, integer, integer, and_ints)
    row = extend(row, ops.NB_OR, integer, integer, or_ints)
    row = extend(row, ops.NB_XOR, integer, integer, xor_ints)
    row = extend(row, ops.NB_LSHIFT, integer, integer, shift_left)
    row = extend(row, ops.NB_RSHIFT, integer, integer, shift_right)
    row = extend(row, ops.NB_FLOOR_DIVIDE, integer, integer, floor_divide_ints)
    row = extend(row, ops.NB_REMAINDER, integer, integer, remainder_of_ints)
    row = extend(row, ops.NB_TRUE_DIVIDE, integer, integer, divide_ints)
    row = extend(row, ops.NB_TRUE_DIVIDE, real, real, divide_floats)
    row = extend(row, ops.NB_REMAINDER, real, real, remainder_of_floats)
    row = extend(row, ops.NB_POWER, real, integer, power_of_float)
    row = extend(row, ops.NB_SUBSCR, &PyList_Type, integer, list_item_from_end)
    row = extend(row, ops.NB_SUBSCR, &PyTuple_Type, integer, tuple_item_from_end)
    row = extend(row, ops.NB_SUBSCR, &PyUnicode_Type, &PySlice_Type, string_slice)
    row = extend(row, ops.NB_SUBSCR, &PyTuple_Type, &PySlice_Type, tuple_slice)
    row = extend(row, ops.NB_ADD, &PyList_Type, &PyList_Type, concatenate_lists)
    row = extend(row, ops.NB_ADD, &PyTuple_Type, &PyTuple_Type, concatenate_tuples)
    row = extend_numbers(row, ops.NB_ADD, add_numbers)
    row = extend_numbers(row, ops.NB_SUBTRACT, subtract_numbers)
    row = extend_numbers(row, ops.NB_MULTIPLY, multiply_numbers)
    row = extend_numbers(row, ops.NB_TRUE_DIVIDE, divide_numbers)
    row = extend(row, ops.NB_SUBSCR, &PyBytes_Type, integer, sequence_item)
    row = extend(row, ops.NB_SUBSCR, &PyByteArray_Type, integer, sequence_item)
    # Fits nothing until there is an array.
    row = extend(row, ops.NB_SUBSCR, NULL, integer, sequence_item)


cdef PyObject *concatenate_lists(PyObject *left, PyObject *right) noexcept nogil:
    return PyList_Type.tp_as_sequence.sq_concat(left, right)

cdef PyObject *concatenate_tuples(PyObject *left, PyObject *right) noexcept nogil:
    return PyTuple_Type.tp_as_sequence.sq_concat(left, right)


cdef inline int plain_operator(int oparg) noexcept nogil:
    """The operator of an assignment in place, where the types have no other for it."""
    if ops.NB_INPLACE_ADD <= oparg <= ops.NB_INPLACE_XOR:
        return oparg - ops.NB_INPLACE_ADD
    return oparg


cdef Extension *find_extension(
    int oparg, PyObject *left, PyObject *right
) noexcept nogil:
    """The row for these operands if it can compute them now, or NULL."""
    cdef int i
    cdef int wanted = plain_operator(oparg)
    cdef double a, b
    # A list grows in place by +=, which is not a concatenation.
    if PyList_CheckExact(left) and wanted != oparg:
        return NULL
    notice_array(Py_TYPE(left))
    for i in range(EXTENSION_COUNT):
        if EXTENSIONS[i].wanted != wanted or not row_fits(&EXTENSIONS[i], left, right):
            continue
        if EXTENSIONS[i].for_numbers and not both_as_doubles(left, right, &a, &b):
            return NULL
        return &EXTENSIONS[i]
    return NULL


cdef Extension *number_extension(
    int oparg, PyObject *left, PyObject *right
) noexcept nogil:
    """The row that takes ints and floats in any mixture, if these are such, or NULL."""
    cdef Extension *row = find_extension(oparg, left, right)
    return row if row is not NULL and row.for_numbers else NULL


cdef inline Extension *extension_for(PyObject **sp, uint16_t *next) noexcept nogil:
    """The site's row, if it is for these operands; else NULL."""
    cdef Extension *row = <Extension *>cached_u64(next, ops.BINARY_OP_EXTERNAL_CELL)
    return row if likely(row_fits(row, sp[-2], sp[-1])) else NULL


# -- what the specializer asks

cdef bint getitem_is_python(PyObject *container) noexcept nogil:
    """Whether container[key] runs a Python function that takes just these two."""
    cdef PyTypeObject *kind = Py_TYPE(container)
    cdef Attribute *entry
    if not kind.tp_flags & Py_TPFLAGS_HEAPTYPE:
        return False
    entry = attribute_of(container, kind, STR_GETITEM)
    return entry is not NULL and entry.found is not NULL and (
        host_is_plain_function(entry.found)
    )


cdef int operator_of(int form) noexcept nogil:
    """The operator that a form stands for, or -1 where it has its own way to know."""
    if form in (
        ops.BINARY_OP_ADD_INT, ops.BINARY_OP_ADD_FLOAT, ops.BINARY_OP_ADD_UNICODE,
        ops.BINARY_OP_INPLACE_ADD_UNICODE,
    ):
        return ops.NB_ADD
    if form in (ops.BINARY_OP_SUBTRACT_INT, ops.BINARY_OP_SUBTRACT_FLOAT):
        return ops.NB_SUBTRACT
    if form in (ops.BINARY_OP_MULTIPLY_INT, ops.BINARY_OP_MULTIPLY_FLOAT):
        return ops.NB_MULTIPLY
    return -1 if form == ops.BINARY_OP_EXTEND else ops.NB_SUBSCR


cdef int fill_binary_op(Site site, int form) noexcept:
    """Writes the form's cache; the reason for which it cannot serve, or GO_ON."""
    cdef Extension *row
    cdef uint16_t *following
    if operator_of(form) not in (-1, plain_operator(site.oparg)):
        return ops.REASON_OTHER_OPERATOR
    if form == ops.BINARY_OP_EXTEND:
        row = find_extension(site.oparg, site.sp[-2], site.sp[-1])
        if row is NULL:
            return ops.REASON_NO_FORM_FOR_TYPES
        store_u64(site.at, ops.BINARY_OP_EXTERNAL_CELL, <uint64_t>row)
    elif form == ops.BINARY_OP_INPLACE_ADD_UNICODE:
        following = site.at + 1 + ops.BINARY_OP_CACHE
        if (
            base_of_unit(following) != ops.STORE_FAST
            or site.frame.localsplus[unit_arg(following[0])] is not site.sp[-2]
        ):
            return ops.REASON_NOT_THE_SAME_LOCAL
    elif form == ops.BINARY_OP_SUBSCR_GETITEM:
        if not getitem_is_python(site.sp[-2]):
            return ops.REASON_NOT_A_PYTHON_FUNCTION
    return GO_ON
