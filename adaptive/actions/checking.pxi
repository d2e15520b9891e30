# Checks of the engine's own work, and the report when one fails.  Text of _core.pyx.
#
# Frames are looked at whenever they are handed to the host, in every build, and after
# each instruction under `--stress check`.  What is found wrong is not mended: a stack
# of another depth than it must have cannot be trusted, so the frame ends there with
# SystemError; anything less is put aside, and the host goes on with the frame.

from libc.stdio cimport fflush, fprintf, stderr
from libc.string cimport memcpy

cdef object measure = None          # Lowered -> depths, under --stress check
cdef int last_op = 0                # what the loop has executed, likewise
cdef enum:
    UNREACHED = -1                  # as lowering/depths.py says it


def set_checks(depths_function):
    """From now on code is lowered with its depths, and every instruction is checked.

    Raises RuntimeError in a build without stress modes.
    """
    global measure
    if not ADAPTIVE_STRESS:
        raise RuntimeError("this build of the loop has no stress modes")
    measure = depths_function


cdef int report_fault(
    PyCodeObject *code, Py_ssize_t unit, int op, str what, str then
) except -1:
    """Says on the process's standard error what a check has found, and where."""
    cdef object named = <object><PyObject *>code
    cdef str executed = isa.INSTRUCTIONS[op].name if op else "an instruction"
    cdef bytes text = (
        f"adaptive: internal inconsistency: {what}\n"
        f"  code  {named.co_filename}:{named.co_qualname}\n"
        f"  unit  {unit}, after {executed}\n"
        f"  host  CPython {Py_GetVersion().decode().split()[0]}\n"
        f"  {then}\n"
    ).encode("utf-8", "backslashreplace")
    fprintf(stderr, "%s", <const char *>text)
    fflush(stderr)
    return 0


cdef object call_measure(lowered):
    """Raises what the measuring raises."""
    return measure(lowered)


ctypedef PyObject *(*measure_type)(object) noexcept


cdef short *measured(PyCodeObject *code, lowered) except? NULL:
    """The depths of what was lowered, to be freed; NULL where nothing is checked.

    Raises ValueError, after a report, for units that no stack fits.
    """
    cdef PyObject *made
    cdef object error
    cdef bytes found
    cdef short *copy
    if measure is None:
        return NULL
    made = (<measure_type>call_measure)(lowered)
    if made is NULL:
        error = taken_error()
        if isinstance(error, ValueError):
            report_fault(code, 0, 0, str(error), "The code is left to the host.")
        raise error
    found = <bytes>made
    Py_DECREF(made)
    copy = <short *>malloc(len(found))
    if copy is NULL:
        raise MemoryError
    memcpy(copy, PyBytes_AS_STRING(found), len(found))
    return copy


cdef int report_pending(PyCodeObject *code, Py_ssize_t unit, int op, kind) except -1:
    cdef str name = kind.__name__ if isinstance(kind, type) else "no exception at all"
    return report_fault(
        code, unit, op, f"{name} is pending, and nothing has raised it",
        "It is put aside, and the host goes on with the frame.",
    )


cdef int report_stack(
    PyCodeObject *code, Py_ssize_t unit, int op, Py_ssize_t depth, int expected
) except -1:
    cdef str belongs = f"{expected} belong" if expected >= 0 else "none can be right"
    return report_fault(
        code, unit, op, f"{depth} values on the stack where {belongs}",
        "The frame ends with SystemError.",
    )


ctypedef int (*report_pending_type)(PyCodeObject *, Py_ssize_t, int, object) noexcept
ctypedef int (*report_stack_type)(
    PyCodeObject *, Py_ssize_t, int, Py_ssize_t, int
) noexcept


cdef void put_aside(PyCodeObject *code, Py_ssize_t unit, int op) noexcept:
    """An exception is pending though the instruction before has succeeded."""
    cdef object kind = <object>PyErr_Occurred()
    PyErr_Clear()
    if (<report_pending_type>report_pending)(code, unit, op, kind) < 0:
        PyErr_Clear()


cdef void refuse_stack(
    PyCodeObject *code, Py_ssize_t unit, int op, Py_ssize_t depth, int expected
) noexcept:
    """The stack has another depth than it must have; SystemError is pending then."""
    cdef PyObject *kind = NULL
    cdef PyObject *value = NULL
    cdef PyObject *traceback = NULL
    PyErr_SetString(PyExc_SystemError, b"adaptive: see the report on standard error")
    PyErr_Fetch(&kind, &value, &traceback)
    # Clears what the report has raised.
    (<report_stack_type>report_stack)(code, unit, op, depth, expected)
    PyErr_Restore(kind, value, traceback)


ctypedef void (*put_aside_type)(PyCodeObject *, Py_ssize_t, int) noexcept nogil
ctypedef void (*refuse_stack_type)(
    PyCodeObject *, Py_ssize_t, int, Py_ssize_t, int
) noexcept nogil


cdef inline bint has_depths(CodeState *state) noexcept nogil:
    return state.rare is not NULL and state.rare.depths is not NULL


cdef int note_depths(CodeState *state, short *depths) except -1:
    """The state owns the depths, or has none if they are NULL."""
    if has_depths(state):
        free(state.rare.depths)
        state.rare.depths = NULL
    if depths is NULL:
        return 0
    if need_rare(state) is NULL:
        free(depths)
        raise MemoryError
    state.rare.depths = depths
    return 0


cdef int expected_depth(
    HostFrame *frame, CodeState *state, uint16_t *next, Py_ssize_t depth
) noexcept nogil:
    """The depth that the stack must have in front of `next`; UNREACHED: no such one."""
    cdef Py_ssize_t unit = next - state.units
    if unit < 0 or unit >= state.length:
        return UNREACHED
    if has_depths(state) and state.rare.depths[unit] != UNREACHED:
        return state.rare.depths[unit]
    return <int>depth if 0 <= depth <= frame.f_code.co_stacksize else UNREACHED


cdef int check_frame(
    PyThreadState *ts, HostFrame *frame, CodeState *state,
    uint16_t *next, PyObject **sp
) noexcept nogil:
    """Between two instructions: whether the frame is as it must be.

    GO_ON, perhaps after a report, or FAILED with SystemError for a frame whose stack
    cannot be trusted.
    """
    cdef Py_ssize_t unit = next - state.units
    cdef Py_ssize_t depth = sp - host_stack_base(frame)
    cdef int expected = expected_depth(frame, state, next, depth)
    if unlikely(host_error_pending(ts)):
        (<put_aside_type>put_aside)(frame.f_code, unit, last_op)
    if unlikely(depth != expected):
        (<refuse_stack_type>refuse_stack)(
            frame.f_code, unit, last_op, depth, expected
        )
        return FAILED
    return GO_ON


cdef int check_tick(
    PyThreadState *ts, HostFrame *frame, CodeState *state,
    uint16_t *next, PyObject **sp
) noexcept nogil:
    """After an instruction, under --stress check: GO_ON, or why the frame must go."""
    global last_op
    cdef Py_ssize_t depth = sp - host_stack_base(frame)
    if host_error_pending(ts) or depth != expected_depth(frame, state, next, depth):
        return ops.REASON_INCONSISTENT
    last_op = unit_op(load_unit(next))
    return GO_ON
