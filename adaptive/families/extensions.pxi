# BINARY_OP_EXTEND: one form for what has no other, by a table.  Text of _core.pyx.

# What two ints of at most two digits make is computed here.  Of larger ones bitwise
# operators and shifts call the type's own function: a site that such come by now and
# then keeps its form.  Divisions do not: the host looks for signals while it divides
# large ints, and a fused instruction runs no code.

cdef PyObject *and_ints(PyObject *left, PyObject *right) noexcept nogil:
    cdef long a, b
    if likely(host_both_medium(left, right, &a, &b)):
        return host_new_int(a & b)
    return PyLong_Type.tp_as_number.nb_and(left, right)

cdef PyObject *or_ints(PyObject *left, PyObject *right) noexcept nogil:
    cdef long a, b
    if likely(host_both_medium(left, right, &a, &b)):
        return host_new_int(a | b)
    return PyLong_Type.tp_as_number.nb_or(left, right)

cdef PyObject *xor_ints(PyObject *left, PyObject *right) noexcept nogil:
    cdef long a, b
    if likely(host_both_medium(left, right, &a, &b)):
        return host_new_int(a ^ b)
    return PyLong_Type.tp_as_number.nb_xor(left, right)

cdef PyObject *shift_left(PyObject *left, PyObject *right) noexcept nogil:
    cdef long a, b
    cdef long product
    if (
        likely(host_both_medium(left, right, &a, &b) and 0 <= b <= 62)
        and not host_multiply_overflows(a, 1L << b, &product)
    ):
        return host_new_int(product)
    return PyLong_Type.tp_as_number.nb_lshift(left, right)

cdef PyObject *shift_right(PyObject *left, PyObject *right) noexcept nogil:
    cdef long a, b
    if likely(host_both_medium(left, right, &a, &b) and 0 <= b <= 62):
        return host_new_int(a >> b)
    return PyLong_Type.tp_as_number.nb_rshift(left, right)

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
    EXTENSION_COUNT = 26
    ARRAYS = EXTENSION_COUNT - 1    # the row of array[int]

cdef Extension[EXTENSION_COUNT] EXTENSIONS

# Rows of other C code's types for their own operators, Decimal + Decimal: made when a
# site first has such operands.  `wanted` is the site's argument, as a type may have an
# operator of its own for assignments in place.
cdef enum:
    LEARNED_MOST = 128

cdef Extension[LEARNED_MOST] LEARNED
cdef int learned_count = 0


# Sequences of numbers: bytes, bytearrays, and array.array's arrays, whose type is not
# the library's to name.
cdef PyTypeObject *array_type = NULL    # strong; NULL until a site has had an array


cdef void notice_array(PyObject *items) noexcept nogil:
    """An array's type is known by its name, which no class made in Python can have
    together with being unchangeable."""
    global array_type
    cdef PyTypeObject *kind = Py_TYPE(items)
    if array_type is not NULL or not kind.tp_flags & Py_TPFLAGS_IMMUTABLETYPE:
        return
    if strcmp(kind.tp_name, b"array.array") == 0 and host_knows_array(items):
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


cdef PyObject *bytes_item(PyObject *items, PyObject *key) noexcept nogil:
    cdef Py_ssize_t index = place_in_sequence(items, key)
    if unlikely(index < 0):
        return NULL
    return host_new_int(<unsigned char>host_bytes(items)[index])

cdef PyObject *bytearray_item(PyObject *items, PyObject *key) noexcept nogil:
    cdef Py_ssize_t index = place_in_sequence(items, key)
    if unlikely(index < 0):
        return NULL
    return host_new_int(<unsigned char>host_bytearray(items)[index])

cdef PyObject *array_item(PyObject *items, PyObject *key) noexcept nogil:
    cdef long number
    cdef Py_ssize_t index = place_in_sequence(items, key)
    if unlikely(index < 0):
        return NULL
    if likely(host_is_array_of_doubles(items)):
        return host_new_float(host_doubles(items)[index])
    if host_int_of_array(items, index, &number):
        return host_new_int(number)
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
    EXTENSIONS[row].runs_nothing = (
        is_number(left) and is_number(right)
        or compute is bytes_item or compute is bytearray_item or compute is array_item
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
    row = extend(row, ops.NB_SUBSCR, &PyBytes_Type, &PySlice_Type, bytes_slice)
    row = extend(row, ops.NB_ADD, &PyList_Type, &PyList_Type, concatenate_lists)
    row = extend(row, ops.NB_ADD, &PyTuple_Type, &PyTuple_Type, concatenate_tuples)
    row = extend(row, ops.NB_ADD, &PyBytes_Type, &PyBytes_Type, concatenate_bytes)
    row = extend_numbers(row, ops.NB_ADD, add_numbers)
    row = extend_numbers(row, ops.NB_SUBTRACT, subtract_numbers)
    row = extend_numbers(row, ops.NB_MULTIPLY, multiply_numbers)
    row = extend_numbers(row, ops.NB_TRUE_DIVIDE, divide_numbers)
    row = extend(row, ops.NB_SUBSCR, &PyBytes_Type, integer, bytes_item)
    row = extend(row, ops.NB_SUBSCR, &PyByteArray_Type, integer, bytearray_item)
    # Fits nothing until there is an array.
    row = extend(row, ops.NB_SUBSCR, NULL, integer, array_item)


cdef PyObject *concatenate_lists(PyObject *left, PyObject *right) noexcept nogil:
    return PyList_Type.tp_as_sequence.sq_concat(left, right)

cdef PyObject *concatenate_tuples(PyObject *left, PyObject *right) noexcept nogil:
    return PyTuple_Type.tp_as_sequence.sq_concat(left, right)

cdef PyObject *concatenate_bytes(PyObject *left, PyObject *right) noexcept nogil:
    return PyBytes_Type.tp_as_sequence.sq_concat(left, right)


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
    notice_array(left)
    for i in range(EXTENSION_COUNT):
        if EXTENSIONS[i].wanted != wanted or not row_fits(&EXTENSIONS[i], left, right):
            continue
        if EXTENSIONS[i].for_numbers and not both_as_doubles(left, right, &a, &b):
            return NULL
        return &EXTENSIONS[i]
    return learned_extension(oparg, left, right)


cdef Extension *learned_extension(
    int oparg, PyObject *left, PyObject *right
) noexcept nogil:
    """The row that calls the function of the left one's type, or NULL.

    It keeps the types without a reference: they are nobody's to end.  Numbers have rows
    where one pays, and str % str has a hint: an f-string is no operator at all.
    """
    global learned_count
    cdef int i
    cdef binaryfunc compute
    for i in range(learned_count):
        if LEARNED[i].wanted == oparg and row_fits(&LEARNED[i], left, right):
            return &LEARNED[i]
    if (
        learned_count == LEARNED_MOST
        or is_number(Py_TYPE(left)) or PyUnicode_CheckExact(left)
    ):
        return NULL
    compute = function_of_left(left, right, oparg)
    if compute is NULL:
        return NULL
    i = learned_count
    LEARNED[i].wanted = oparg
    LEARNED[i].left = Py_TYPE(left)
    LEARNED[i].right = Py_TYPE(right)
    LEARNED[i].compute = compute
    learned_count += 1
    return &LEARNED[i]


cdef inline PyObject *computed(Extension *row, PyObject **sp) noexcept nogil:
    """The row's result; NULL with an error, or without one where it knows no answer."""
    cdef PyObject *result = row.compute(sp[-2], sp[-1])
    if likely(result is not Py_NotImplemented):
        return result
    Py_DECREF(result)
    return NULL


cdef Extension *number_extension(
    int oparg, PyObject *left, PyObject *right
) noexcept nogil:
    """The row that takes ints and floats in any mixture, if these are such, or NULL."""
    cdef Extension *row = find_extension(oparg, left, right)
    return row if row is not NULL and row.for_numbers else NULL


cdef inline Extension *row_of(uint16_t *next) noexcept nogil:
    """The row of a site in this form, `next` behind its unit."""
    return <Extension *>cached_u64(next, ops.BINARY_OP_EXTERNAL_CELL)


cdef inline Extension *extension_for(PyObject **sp, uint16_t *next) noexcept nogil:
    """The site's row, if it is for these operands; else NULL."""
    cdef Extension *row = row_of(next)
    return row if likely(row_fits(row, sp[-2], sp[-1])) else NULL
