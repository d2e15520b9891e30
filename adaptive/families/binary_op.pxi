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
    cdef PyObject *function
    cdef HostFrame *frame
    if not kind.tp_flags & Py_TPFLAGS_HEAPTYPE:
        return NULL
    entry = attribute_of(sp[-2], kind, STR_GETITEM)
    if entry is NULL or entry.found is NULL or not host_is_plain_function(entry.found):
        return NULL
    function = entry.found  # another name may have the entry when the callee is ready
    callee[0] = callee_of(ts, function)
    if callee[0] is NULL or not (
        callee[0].plain_arguments and callee[0].code.co_argcount == 2
    ):
        return NULL
    frame = push_plain_call(ts, <PyFunctionObject *>function, callee[0], sp - 2, 2)
    if frame is not NULL:
        Py_INCREF(function)
        record_of(frame).kept = NULL
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


cdef inline bint number_in_place(
    int form, PyObject *left, PyObject *right, int references, HostFrame *frame,
    uint16_t *next
) noexcept nogil:
    """Gives the left operand the sum, or the difference of ints; whether it could.

    `next` is behind BINARY_OP's unit.  It can where the STORE_FAST that comes then is
    into the local that holds the operand, and where `references` are all that there
    are: the local's, and the stack's unless the operand is borrowed.  So `x += 1` needs
    no other number, and no store.  For floats both types are known.
    """
    cdef uint16_t *unit = next + ops.BINARY_OP_CACHE
    cdef long a, b
    if (
        Py_REFCNT(left) != references
        or BASES[unit_op(load_unit(unit))] != ops.STORE_FAST
        or frame.localsplus[unit_arg(load_unit(unit))] is not left
    ):
        return False
    if form == ops.BINARY_OP_ADD_FLOAT:
        host_set_float(left, PyFloat_AS_DOUBLE(left) + PyFloat_AS_DOUBLE(right))
        return True
    if unlikely(not host_both_compact(left, right, &a, &b)):
        return False
    return host_become_int(left, a + b if form == ops.BINARY_OP_ADD_INT else a - b)


cdef inline PyObject **stack_in_place(
    int form, PyObject **sp, HostFrame *frame, uint16_t *next
) noexcept nogil:
    """left right --, where the result is in the local already; NULL where it is not."""
    if not number_in_place(form, sp[-2], sp[-1], 2, frame, next):
        return NULL
    host_was_last(sp[-2])
    if form == ops.BINARY_OP_ADD_FLOAT:
        host_drop_float(sp[-1])
    else:
        host_drop_int(sp[-1])
    return sp - 2


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


# items[start:stop] of exact lists, strings, tuples and bytes, for bounds that are not
# adjusted to the length yet: a new reference, or NULL with an error.
ctypedef PyObject *(*Cut)(PyObject *, Py_ssize_t, Py_ssize_t) noexcept nogil

cdef PyObject *cut_list(
    PyObject *items, Py_ssize_t start, Py_ssize_t stop
) noexcept nogil:
    PySlice_AdjustIndices(PyList_GET_SIZE(items), &start, &stop, 1)
    return PyList_GetSlice(items, start, stop)

cdef PyObject *cut_string(
    PyObject *text, Py_ssize_t start, Py_ssize_t stop
) noexcept nogil:
    # It asks strings of the old C API for their length.
    cdef Py_ssize_t length = PyUnicode_GetLength(text)
    if unlikely(length < 0):
        return NULL
    PySlice_AdjustIndices(length, &start, &stop, 1)
    return PyUnicode_Substring(text, start, max(start, stop))

cdef PyObject *cut_tuple(
    PyObject *items, Py_ssize_t start, Py_ssize_t stop
) noexcept nogil:
    PySlice_AdjustIndices(PyTuple_GET_SIZE(items), &start, &stop, 1)
    return PyTuple_GetSlice(items, start, stop)

cdef PyObject *cut_bytes(
    PyObject *text, Py_ssize_t start, Py_ssize_t stop
) noexcept nogil:
    cdef Py_ssize_t count = PySlice_AdjustIndices(
        PyBytes_GET_SIZE(text), &start, &stop, 1
    )
    if count == PyBytes_GET_SIZE(text):
        return own_item(text)
    return PyBytes_FromStringAndSize(host_bytes(text) + start, count)


cdef PyObject *list_slice(PyObject *items, PyObject *bounds) noexcept nogil:
    """A new list; NULL with an error, or without one if this is no slice."""
    cdef Py_ssize_t start, stop
    if host_plain_slice(bounds, &start, &stop):
        return cut_list(items, start, stop)
    if not PySlice_Check(bounds):
        return NULL
    return PyList_Type.tp_as_mapping.mp_subscript(items, bounds)


cdef inline PyObject *cut_by_slice(
    PyObject *items, PyObject *bounds, Cut cut
) noexcept nogil:
    """The same for what `cut` is for; without an error for a slice it cannot take."""
    cdef Py_ssize_t start, stop
    if not host_plain_slice(bounds, &start, &stop):
        return NULL
    return cut(items, start, stop)

cdef PyObject *string_slice(PyObject *text, PyObject *bounds) noexcept nogil:
    return cut_by_slice(text, bounds, cut_string)

cdef PyObject *tuple_slice(PyObject *items, PyObject *bounds) noexcept nogil:
    return cut_by_slice(items, bounds, cut_tuple)

cdef PyObject *bytes_slice(PyObject *text, PyObject *bounds) noexcept nogil:
    return cut_by_slice(text, bounds, cut_bytes)


cdef Cut cut_of(PyObject *items, uint16_t *unit) noexcept nogil:
    """What takes slices of the items, if the unit is a site that has done so."""
    cdef binaryfunc compute
    if unit_op(unit[0]) == ops.BINARY_OP_SUBSCR_LIST_SLICE:
        if PyList_CheckExact(items):
            return cut_list
    elif unit_op(unit[0]) == ops.BINARY_OP_EXTEND:
        compute = row_of(unit + 1).compute
        if compute is string_slice and PyUnicode_CheckExact(items):
            return cut_string
        if compute is tuple_slice and PyTuple_CheckExact(items):
            return cut_tuple
        if compute is bytes_slice and PyBytes_CheckExact(items):
            return cut_bytes
    return NULL


cdef PyObject *slice_of(PyObject **sp, int n, uint16_t *unit) noexcept nogil:
    """items *n: the slice that the unit, a warm site, is about to take of the items."""
    cdef Py_ssize_t start, stop
    cdef Cut cut
    if n == 2:
        cut = cut_of(sp[-3], unit)
        if cut is not NULL and host_plain_bounds(sp[-2], sp[-1], &start, &stop):
            return cut(sp[-3], start, stop)
    elif cut_of(sp[-4], unit) is cut_list:
        return host_list_steps(sp[-4], sp[-3], sp[-2], sp[-1])
    return NULL


cdef PyObject **sliced(PyObject **sp, int n, uint16_t *unit) noexcept nogil:
    """items *n -- slice, without a slice object.

    NULL with an error, or without one where a slice must be built first.  The counting
    loop builds them all: it would not see the site hit.
    """
    cdef PyObject *result = NULL if ADAPTIVE_STATS else slice_of(sp, n, unit)
    cdef PyObject *items
    if result is NULL:
        return NULL
    while n > 0:        # None and ints
        n -= 1
        sp -= 1
        Py_DECREF(sp[0])
    items = sp[-1]
    sp[-1] = result
    drop_value(items)
    return sp


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
