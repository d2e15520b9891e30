# Telling tools: who is called for an event, with what, and what comes of it.
# Text of _core.pyx.
#
# While a thread is in a tool's function, nothing of that thread is told to any tool.
# Source: instrumentation.c and ceval.c of CPython 3.12 and 3.13.

# What `reraised` says besides False and True in the loop.
cdef enum:
    SILENT = 2      # a tool raised it in the place of what was told: told to none

cdef PyObject *callbacks[ops.TOOL_COUNT][ops.EVENT_COUNT]    # strong, or NULL
cdef uint8_t[ops.EVENT_COUNT] global_tools      # the tools that asked everywhere
cdef bint watching = False                      # whether any did
cdef bint watching_exceptions = False           # ... for the passing of exceptions
cdef PyObject *disable_mark = NULL              # strong: DISABLE
cdef PyObject *missing_mark = NULL              # strong: MISSING
cdef const char *EVENT_TEXTS[ops.EVENT_COUNT]


# -- tools called

cdef int call_tool(
    PyThreadState *ts, PyObject *function, PyObject **arguments, size_t count
) noexcept nogil:
    """Whether the tool says DISABLE; -1 with an exception."""
    cdef PyObject *result
    Py_INCREF(function)
    host_enter_tool(ts)
    result = PyObject_Vectorcall(
        function, arguments, count | PY_VECTORCALL_ARGUMENTS_OFFSET, NULL
    )
    host_leave_tool(ts)
    Py_DECREF(function)
    if result is NULL:
        return -1
    Py_DECREF(result)
    return result is disable_mark


cdef void refuse_disable(int tool, int event) noexcept nogil:
    """ValueError: no place in the code is there to be switched off."""
    cdef PyObject *function = callbacks[tool][event]
    callbacks[tool][event] = NULL
    PyErr_Format(
        PyExc_ValueError, b"Cannot disable %s events. Callback removed.",
        EVENT_TEXTS[event]
    )
    Py_XDECREF(function)


cdef int tell(
    PyThreadState *ts, unsigned int tools, int event, PyObject **arguments,
    size_t count, unsigned int *gone
) noexcept nogil:
    """Tells the tools, the highest first; adds to `gone` those that say DISABLE.

    -1 with the exception of the first that raises; the others are not told then.
    `arguments[-1]` may be written to.
    """
    cdef int tool = ops.TOOL_COUNT
    cdef int outcome
    while tool > 0:
        tool -= 1
        if not tools >> tool & 1 or callbacks[tool][event] is NULL:
            continue
        outcome = call_tool(ts, callbacks[tool][event], arguments, count)
        if outcome < 0:
            return -1
        if outcome:
            if event >= ops.LOCAL_EVENT_COUNT:
                refuse_disable(tool, event)
                return -1
            gone[0] |= 1 << tool
    return 0


cdef int tell_place(
    PyThreadState *ts, CodeState *state, uint16_t *at, int slot, int event,
    long number, PyObject *third, PyObject *fourth
) noexcept nogil:
    """Tells whoever asked for the event at this unit: code, number, third, fourth.

    The number is an offset in bytes, or a line; a NULL ends the arguments.  -1 with an
    exception.  Tools that say DISABLE are not told here again.
    """
    cdef unsigned int tools = state.watch.marks[at - state.units].tools[slot]
    cdef unsigned int gone = 0
    cdef PyObject *arguments[5]
    cdef size_t count = 2 + (third is not NULL) + (fourth is not NULL)
    cdef int outcome
    if tools == 0 or host_in_tool(ts):
        return 0
    arguments[1] = <PyObject *>state.code
    arguments[2] = PyLong_FromLong(number)
    if arguments[2] is NULL:
        return -1
    arguments[3] = third
    arguments[4] = fourth
    outcome = tell(ts, tools, event, arguments + 1, count, &gone)
    Py_DECREF(arguments[2])
    if gone:
        (<forget_tools_type>forget_tools)(state, at - state.units, slot, gone)
    return outcome


cdef inline long offset_of(CodeState *state, uint16_t *unit) noexcept nogil:
    """Where the unit's host instruction stands, in bytes, as tools are told it."""
    return 2 * <long>host_index(state, unit)


# -- exceptions that pass

cdef int tell_about(
    PyThreadState *ts, CodeState *state, uint16_t *at, int event, PyObject *value
) noexcept nogil:
    """Tells whoever asked everywhere: code, offset of the unit, exception.  -1 with
    the exception of a tool."""
    cdef unsigned int gone = 0
    cdef PyObject *arguments[4]
    cdef int outcome
    if global_tools[event] == 0 or state.is_own or host_in_tool(ts):
        return 0
    arguments[1] = <PyObject *>state.code
    arguments[2] = PyLong_FromLong(offset_of(state, at))
    if arguments[2] is NULL:
        return -1
    arguments[3] = value
    outcome = tell(ts, global_tools[event], event, arguments + 1, 3, &gone)
    Py_DECREF(arguments[2])
    return outcome


cdef int tell_exception(
    PyThreadState *ts, HostFrame *frame, CodeState *state, uint16_t *next, int event
) noexcept nogil:
    """The pending exception passes at the unit in front of `next`.  It stays pending,
    unless a tool raises another one: -1 then."""
    cdef PyObject *value
    if global_tools[event] == 0 or state.is_own or host_in_tool(ts):
        return 0
    value = caught_exception()
    if tell_about(ts, state, next - 1, event, value) < 0:
        Py_DECREF(value)
        return -1
    raise_again(value)
    return 0


cdef void tell_passing(
    PyThreadState *ts, HostFrame *frame, CodeState *state, uint16_t *next, int reraised
) noexcept nogil:
    """RAISE, or RERAISE of what has been told before."""
    if reraised == SILENT:
        return
    tell_exception(
        ts, frame, state, next, ops.EVENT_RERAISE if reraised else ops.EVENT_RAISE
    )


cdef int tell_handled(
    PyThreadState *ts, HostFrame *frame, CodeState *state, uint16_t *next,
    PyObject *value
) noexcept nogil:
    """EXCEPTION_HANDLED: the handler at `next` has it on the stack.  -1 with the
    exception of a tool."""
    return tell_about(ts, state, next, ops.EVENT_EXCEPTION_HANDLED, value)


cdef PyObject **leave_handler(
    PyThreadState *ts, CodeState *state, uint16_t *next, PyObject **sp
) noexcept nogil:
    """A tool has raised where the handler at `next` begins: the new sp.

    What the handler would do first to the exceptions that are being handled is done,
    so that what unwinds it finds them as it does from any later place in it.
    """
    cdef int op = unit_op(load_unit(next))
    if is_instrumented(op):
        op = state.watch.bases[next - state.units]
    if op == ops.PUSH_EXC_INFO:
        return push_exc_info(ts, sp)
    if op == ops.COPY:
        # previous lasti exception -- previous lasti exception, and POP_EXCEPT.
        sp[0] = sp[-unit_arg(load_unit(next))]
        Py_INCREF(sp[0])
        return pop_except(ts, sp + 1)
    return sp
