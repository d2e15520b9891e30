# COMPARE_OP: left right -- result.  Text of _core.pyx.

# What two operands are to each other, as the number of a bit: 0 neither less nor equal
# nor greater, 1 less, 2 greater, 3 equal.  Four such bits per operator, Py_LT in the
# lowest: may they be that?
cdef enum:
    ALLOWED_RELATIONS = (
        0b0010 | 0b1010 << 4 | 0b1000 << 8 | 0b0111 << 12 | 0b0100 << 16 | 0b1100 << 20
    )


cdef inline bint compare_longs(long a, long b, int wanted) noexcept nogil:
    """What the operator `wanted` (Py_LT..Py_GE) says of two small ints."""
    return ALLOWED_RELATIONS >> (4 * wanted + 2 * (a >= b) + (a <= b)) & 1


cdef inline bint compare_doubles(double a, double b, int wanted) noexcept nogil:
    """The same for two floats; a NaN is neither less, equal nor greater."""
    return ALLOWED_RELATIONS >> (4 * wanted + 2 * (a >= b) + (a <= b)) & 1


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


# -- forms: the truth of a comparison of operands that the guard has seen

cdef inline int compare_ints(PyObject **sp, int oparg) noexcept nogil:
    """1 or 0 for two exact ints of at most one digit, else -1."""
    cdef long a, b
    if unlikely(not host_both_compact(sp[-2], sp[-1], &a, &b)):
        return -1
    return compare_longs(a, b, oparg >> ops.COMPARE_SHIFT)


cdef inline bint compare_floats(PyObject **sp, int oparg) noexcept nogil:
    """The truth for two exact floats."""
    return compare_doubles(
        left_float(sp), right_float(sp), oparg >> ops.COMPARE_SHIFT
    )


cdef inline bint compare_strings(PyObject **sp, int oparg) noexcept nogil:
    """The truth of == or != for two exact strings."""
    cdef bint equal = host_strings_equal(sp[-2], sp[-1])
    return equal ^ (oparg >> ops.COMPARE_SHIFT == Py_NE)


cdef inline int number_relation(
    PyObject *left, PyObject *right, int wanted
) noexcept nogil:
    """1 or 0 for floats, and ints that are exact as floats, else -1."""
    cdef double a, b
    if unlikely(not both_as_doubles(left, right, &a, &b)):
        return -1
    return compare_doubles(a, b, wanted)


cdef inline int compare_numbers(PyObject **sp, int oparg) noexcept nogil:
    return number_relation(sp[-2], sp[-1], oparg >> ops.COMPARE_SHIFT)


cdef inline bint is_compared_by_identity(PyObject *value) noexcept nogil:
    """Whether the value's type says nothing of == that `object` does not."""
    return Py_TYPE(value).tp_richcompare is PyBaseObject_Type.tp_richcompare


cdef inline bint both_by_identity(PyObject *left, PyObject *right) noexcept nogil:
    return is_compared_by_identity(left) and is_compared_by_identity(right)


cdef bint order_strings(PyObject **sp, int oparg) noexcept nogil:
    """The truth of any comparison of two exact strings."""
    return compare_longs(
        PyUnicode_Compare(sp[-2], sp[-1]), 0, oparg >> ops.COMPARE_SHIFT
    )


cdef inline PyObject **drop_numbers(PyObject **sp) noexcept nogil:
    """left right --, for two exact ints."""
    host_drop_int(sp[-1])
    host_drop_int(sp[-2])
    return sp - 2


cdef inline PyObject **drop_two(PyObject **sp) noexcept nogil:
    """left right --, for objects that die without running code."""
    drop_value(sp[-1])
    drop_value(sp[-2])
    return sp - 2


cdef inline uint16_t *branch_on_bool(uint16_t *next, bint truth) noexcept nogil:
    """The same behind an instruction that leaves True or False: TO_BOOL may come first.

    What it would leave is the bool itself, whichever form it stands in.
    """
    cdef int op = load_op(next)
    if likely(op == ops.TO_BOOL or op == ops.TO_BOOL_BOOL):
        next += 1 + ops.TO_BOOL_CACHE
    return branch(next, truth)


cdef inline uint16_t *branch_untraced(
    PyThreadState *ts, uint16_t *next, bint truth
) noexcept nogil:
    """The same behind an instruction that may have switched tracing on: NULL then."""
    return branch_on_bool(next, truth) if likely(not host_tracing(ts)) else NULL


cdef inline uint16_t *branch_on_result(
    PyThreadState *ts, uint16_t *next, PyObject *result
) noexcept nogil:
    """The same where the result, which stays as it is, may be anything: NULL then."""
    if result is not Py_True and result is not Py_False:
        return NULL
    return branch_untraced(ts, next, result is Py_True)


# POP_JUMP_IF_FALSE and POP_JUMP_IF_TRUE are neighbours, alike but for the truth that
# jumps: its number is how far the opcode is from the first.
cdef enum:
    JUMP_KINDS = ops.POP_JUMP_IF_TRUE - ops.POP_JUMP_IF_FALSE


cdef inline uint16_t *branch(uint16_t *next, bint truth) noexcept nogil:
    """Where a truth leads if the conditional jump that tests it comes next, else NULL.

    So a form need not make a bool only for that jump to take it apart.
    """
    cdef unsigned int kind = load_op(next) - ops.POP_JUMP_IF_FALSE
    if unlikely(kind > JUMP_KINDS):
        return branch_far(next, truth)
    if truth == kind:
        next += load_arg(next)
    return next + 1 + ops.POP_JUMP_IF_FALSE_CACHE


cdef uint16_t *branch_far(uint16_t *next, bint truth) noexcept nogil:
    """The same for a distance of more than one byte; NULL if it is no such jump.

    The TO_BOOL between a comparison and such a jump has the host's prefix, too.
    """
    cdef uint16_t unit = load_unit(next)
    cdef int op = unit_op(load_unit(next + 1))
    if unit_op(unit) != ops.EXTENDED_ARG:
        return NULL
    if op == ops.TO_BOOL or op == ops.TO_BOOL_BOOL:
        return branch(next + 2 + ops.TO_BOOL_CACHE, truth)
    if <unsigned int>(op - ops.POP_JUMP_IF_FALSE) > JUMP_KINDS:
        return NULL
    next += 1
    if (op == ops.POP_JUMP_IF_TRUE) == truth:
        next += unit_arg(unit) << 8 | unit_arg(load_unit(next))
    return next + 1 + ops.POP_JUMP_IF_FALSE_CACHE


cdef uint16_t *rest_of_test(
    CodeState *state, uint16_t *next, PyObject **sp
) noexcept nogil:
    """Where the jump leads that comes next, if TO_BOOL stands for half of it; or NULL.

    The host's conditional jumps test any object, so between the two is no boundary.
    """
    cdef int oparg = 0
    if at_boundary(state, next):
        return NULL
    while unit_op(load_unit(next)) == ops.EXTENDED_ARG:
        oparg = (oparg | unit_arg(load_unit(next))) << 8
        next += 1
    oparg |= unit_arg(load_unit(next))
    if unit_op(load_unit(next)) == ops.POP_JUMP_IF_FALSE:
        next += 1 + ops.POP_JUMP_IF_FALSE_CACHE
        return next + oparg if sp[-1] is Py_False else next
    if unit_op(load_unit(next)) == ops.POP_JUMP_IF_TRUE:
        next += 1 + ops.POP_JUMP_IF_TRUE_CACHE
        return next + oparg if sp[-1] is Py_True else next
    return NULL


cdef int fill_compare_op(Site site, int form) noexcept:
    cdef int wanted = site.oparg >> ops.COMPARE_SHIFT
    if form == ops.COMPARE_OP_STR and wanted not in (Py_EQ, Py_NE):
        return ops.REASON_OTHER_OPERATOR
    if form == ops.COMPARE_OP_IDENTITY and wanted not in (Py_EQ, Py_NE):
        return ops.REASON_OTHER_OPERATOR
    return GO_ON
