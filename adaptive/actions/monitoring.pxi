# Instrumented instructions: what is told, and when.  Text of _core.pyx.
#
# An instrumented opcode stands in the unit over its base; which tools are told what
# there is in the code's `Watch`.  `monitor` tells them, out of the loop, and says how
# the loop goes on: with the base's own arm, or behind an instruction whose event comes
# in its middle and which is done here.  A tool may return DISABLE, may raise, and may
# switch any event on or off: whatever it may have changed is read again after it.
# Source: instrumentation.c and bytecodes.c of CPython 3.12 and 3.13.

# What `monitor` says besides the opcode to go on with, or FAILED.
cdef enum:
    DONE = -3       # the instruction is done

# What is known of a place in the code whichever tools look at it.
cdef enum:
    IS_HANDLER = 1      # only exceptions lead here
    FALLS_ON_LINE = 2   # what stands in front of it is of another line, or of none
    MAY_BEGIN_LINE = 4
    BEGINS = 8          # it begins a host instruction that tools may look at

# What the loop reads after `monitor`, before anything else can run.
ctypedef struct Told:
    PyObject **sp           # after DONE and FAILED
    uint16_t *next          # ... too

cdef Told told
cdef unsigned char[256] JUMP_FLAGS      # isa's, by opcode


# -- where jumps lead

cdef uint16_t *first_prefix(CodeState *state, uint16_t *at) noexcept nogil:
    """The first EXTENDED_ARG in front of an instruction, or itself."""
    while at > state.units and state.watch.bases[at - state.units - 1] == (
        ops.EXTENDED_ARG
    ):
        at -= 1
    return at


cdef uint16_t *jump_target(CodeState *state, uint16_t *at) noexcept nogil:
    """Where the jump at the unit leads."""
    cdef uint16_t *prefix = first_prefix(state, at)
    cdef int base = state.watch.bases[at - state.units]
    cdef Py_ssize_t distance = 0
    while prefix <= at:
        distance = distance << 8 | unit_arg(load_unit(prefix))
        prefix += 1
    if JUMP_FLAGS[base] & ops.FLAG_BACK:
        distance = -distance
    return at + 1 + CACHES[base] + distance


cdef uint16_t *after_host_jump(
    CodeState *state, uint16_t *at, uint16_t *to
) noexcept nogil:
    """Where the host's own jump leads if ours, at the unit, leads to `to`.

    What jumps back on a condition is one instruction there and two here.
    """
    if host_index(state, to) != host_index(state, at):
        return to
    while state.watch.bases[to - state.units] == ops.EXTENDED_ARG:
        to += 1
    return jump_target(state, to)


# -- lines

cdef bint has_jumped_to(
    CodeState *state, int executed, uint16_t *to
) noexcept nogil:
    """Whether the host instruction executed last is a jump that may lead there."""
    cdef uint16_t *at = state.units + unit_of(state, executed)
    cdef uint16_t *end = state.units + state.length
    cdef int base
    while at < end and host_index(state, at) == executed:
        base = state.watch.bases[at - state.units]
        if JUMP_FLAGS[base] & ops.FLAG_JUMP and jump_target(state, at) is to:
            return True
        at += 1 + CACHES[base]
    return False


cdef inline uint16_t *executing_unit(HostFrame *frame, CodeState *state) noexcept nogil:
    """The first unit of the host instruction that was synced last."""
    return state.units + unit_of(state, host_executing(frame))


cdef bint is_new_line(HostFrame *frame, CodeState *state, uint16_t *at) noexcept nogil:
    """Whether the unit is come to from another line than its own.

    The frame says what was synced last; all jumps of code that tells LINE are.  So what
    is not come to by one is come to from what stands in front of it.
    """
    cdef Watch *watch = state.watch
    cdef int spot = watch.marks[at - state.units].spot
    cdef int executed = host_executing(frame)
    cdef int line = watch.lines[host_index(state, at)]
    cdef uint16_t *first = first_prefix(state, at)
    if 0 <= executed < watch.host_length:
        if executed == host_index(state, first):
            # It jumps to itself, or a tool has made the frame go on here.
            return False
        if spot & IS_HANDLER or has_jumped_to(state, executed, first):
            return watch.lines[executed] != line
    return (spot & FALLS_ON_LINE) != 0


cdef int tell_line(
    PyThreadState *ts, HostFrame *frame, CodeState *state, uint16_t *at, PyObject **sp,
    Told *going
) noexcept nogil:
    """LINE.  GO_ON, FAILED, or DONE if a tool has set the frame's f_lineno."""
    cdef long line = state.watch.lines[host_index(state, at)]
    cdef int what = host_begin_line(ts, frame, sp)
    cdef int outcome = tell_place(
        ts, state, at, LINE_SLOT, ops.EVENT_LINE, line, NULL, NULL
    )
    going.sp = host_end_line(ts, frame, what)
    if outcome < 0:
        return FAILED
    if host_executing(frame) == host_index(state, at):
        return GO_ON
    going.next = executing_unit(frame, state)
    return DONE


# -- the instruction's own event

cdef int tell_jump(
    PyThreadState *ts, CodeState *state, uint16_t *at, int event, uint16_t *to
) noexcept nogil:
    """code, offset, destination offset"""
    cdef PyObject *destination
    cdef int outcome
    if state.watch.marks[at - state.units].tools[OWN_SLOT] == 0:
        return 0
    to = after_host_jump(state, at, to)
    destination = PyLong_FromLong(offset_of(state, to))
    if destination is NULL:
        return -1
    outcome = tell_place(
        ts, state, at, OWN_SLOT, event, offset_of(state, at), destination, NULL
    )
    Py_DECREF(destination)
    return outcome


cdef bint pops_and_jumps(int base, PyObject *value) noexcept nogil:
    """Whether a jump that pops what it tests is taken."""
    if base == ops.POP_JUMP_IF_FALSE:
        return value is Py_False
    elif base == ops.POP_JUMP_IF_TRUE:
        return value is Py_True
    elif base == ops.POP_JUMP_IF_NONE:
        return value is Py_None
    return value is not Py_None


cdef int tell_popping_jump(
    PyThreadState *ts, CodeState *state, uint16_t *at, int base, PyObject *value
) noexcept nogil:
    cdef uint16_t *to = at + 1 + CACHES[base]
    if pops_and_jumps(base, value):
        to = jump_target(state, at)
    return base if tell_jump(ts, state, at, ops.EVENT_BRANCH, to) == 0 else FAILED


cdef int do_jump_or_pop(
    PyThreadState *ts, CodeState *state, uint16_t *at, int base, PyObject **sp,
    Told *going
) noexcept nogil:
    """JUMP_IF_X_OR_POP: the truth is asked for once."""
    cdef int truth = truth_of(sp[-1])
    cdef bint jumps = truth == (base == ops.JUMP_IF_TRUE_OR_POP)
    if truth < 0:
        return FAILED
    going.next = jump_target(state, at) if jumps else at + 1
    if tell_jump(ts, state, at, ops.EVENT_BRANCH, going.next) < 0:
        return FAILED
    if not jumps:
        going.sp = sp - 1
        Py_DECREF(sp[-1])
    return DONE


cdef inline bint is_generator(PyObject *receiver) noexcept nogil:
    """Whether it is one, or a coroutine, which tell of their return otherwise."""
    return PyGen_CheckExact(receiver) or PyCoro_CheckExact(receiver)


cdef PyObject *new_stop(PyObject *value) noexcept nogil:
    """The StopIteration that a generator's return of the value raises, or NULL."""
    if value is Py_None:
        return PyObject_CallNoArgs(PyExc_StopIteration)
    return PyObject_CallOneArg(PyExc_StopIteration, value)


cdef int tell_stop(
    PyThreadState *ts, CodeState *state, uint16_t *at, PyObject *value
) noexcept nogil:
    """STOP_ITERATION: a generator has returned the value to who iterates it."""
    cdef PyObject *stop
    cdef int outcome
    if state.watch.marks[at - state.units].tools[STOP_SLOT] == 0:
        return 0
    stop = new_stop(value)
    if stop is NULL:
        return -1
    outcome = tell_place(
        ts, state, at, STOP_SLOT, ops.EVENT_STOP_ITERATION, offset_of(state, at),
        stop, NULL
    )
    Py_DECREF(stop)
    return outcome


cdef int tell_end_of_throw(
    PyThreadState *ts, HostFrame *frame, CodeState *state, uint16_t *next,
    PyObject *value
) noexcept nogil:
    """The frame is entered at `next`; -1 with the exception of a tool.

    If that is no beginning and no RESUME, what the generator delegated to has caught
    what was thrown, and has returned the value.  3.11 jumps over the delegation then,
    in C; newer hosts throw a StopIteration, and it is told as if this one did.
    """
    cdef int op = unit_op(load_unit(next))
    cdef PyObject *stop
    cdef int outcome
    if op == ops.RESUME or op == ops.RESUME_CHECK or op == ops.INSTRUMENTED_RESUME:
        return 0
    if host_next(frame) < host_first_traceable(state.code):
        return 0
    stop = new_stop(value)
    if stop is NULL:
        return -1
    outcome = tell_about(ts, state, next - 1, ops.EVENT_PY_THROW, stop)
    if outcome == 0:
        outcome = tell_about(ts, state, next - 1, ops.EVENT_RAISE, stop)
    if outcome == 0:
        outcome = tell_about(ts, state, next - 1, ops.EVENT_EXCEPTION_HANDLED, stop)
    Py_DECREF(stop)
    return outcome


cdef int tell_raised_stop(
    PyThreadState *ts, HostFrame *frame, CodeState *state, uint16_t *at
) noexcept nogil:
    """RAISE of the StopIteration that may be pending, and stays.

    -1 if another exception is, the tool's own too.
    """
    if PyErr_Occurred() is NULL:
        return 0
    if not PyErr_ExceptionMatches(PyExc_StopIteration):
        return -1
    return tell_exception(ts, frame, state, at + 1, ops.EVENT_RAISE)


cdef int tell_end_of_loop(
    PyThreadState *ts, HostFrame *frame, CodeState *state, uint16_t *at,
    PyObject *iterator
) noexcept nogil:
    """The iterator has nothing more; a StopIteration may be pending, and no more is.

    -1 with an exception.
    """
    cdef PyObject *value = NULL
    cdef int outcome
    if not PyGen_CheckExact(iterator):
        if tell_raised_stop(ts, frame, state, at) < 0:
            return -1
        PyErr_Clear()
        return 0
    if _PyGen_FetchStopIterationValue(&value) < 0:
        return -1
    outcome = tell_stop(ts, state, at, value)
    Py_DECREF(value)
    return outcome


cdef int do_for_iter(
    PyThreadState *ts, HostFrame *frame, CodeState *state, uint16_t *at, PyObject **sp,
    Told *going
) noexcept nogil:
    cdef PyObject *item = Py_TYPE(sp[-1]).tp_iternext(sp[-1])
    going.next = at + 1 + ops.FOR_ITER_CACHE
    if item is NULL:
        if tell_end_of_loop(ts, frame, state, at, sp[-1]) < 0:
            return FAILED
        going.next = jump_target(state, at)
    if tell_jump(ts, state, at, ops.EVENT_BRANCH, going.next) < 0:
        Py_XDECREF(item)
        return FAILED
    if item is not NULL:
        sp[0] = item
        going.sp = sp + 1
    else:
        going.sp = sp - 1
        Py_DECREF(sp[-1])
    return DONE


cdef PySendResult send_told(
    PyThreadState *ts, HostFrame *frame, CodeState *state, uint16_t *at, PyObject **sp,
    PyObject **received
) noexcept nogil:
    """`send`; with RAISE of what says that another receiver than a generator is done.

    So this asks the receiver as the host that has the event does.
    """
    cdef PyObject *receiver = sp[-2]
    if global_tools[ops.EVENT_RAISE] == 0 or is_generator(receiver):
        return send(sp, received)
    if sp[-1] is Py_None and PyIter_Check(receiver):
        received[0] = Py_TYPE(receiver).tp_iternext(receiver)
    else:
        received[0] = PyObject_CallMethodOneArg(receiver, STR_SEND, sp[-1])
    if received[0] is not NULL:
        return PYGEN_NEXT
    if (
        tell_raised_stop(ts, frame, state, at) < 0
        or _PyGen_FetchStopIterationValue(received) < 0
    ):
        return PYGEN_ERROR
    return PYGEN_RETURN


cdef int do_send(
    PyThreadState *ts, HostFrame *frame, CodeState *state, uint16_t *at, PyObject **sp,
    Told *going
) noexcept nogil:
    """receiver value -- receiver result, or -- result when the receiver has returned"""
    cdef PyObject *received = NULL
    cdef PyObject *receiver = sp[-2]
    cdef PySendResult sent = send_told(ts, frame, state, at, sp, &received)
    if sent == PYGEN_ERROR:
        return FAILED
    going.next = at + 1 + ops.SEND_CACHE
    if sent == PYGEN_RETURN:
        going.next = jump_target(state, at)
        if is_generator(receiver) and tell_stop(ts, state, at, received) < 0:
            Py_DECREF(received)
            return FAILED
        going.sp = sp - 1
        Py_DECREF(sp[-1])
        sp[-2] = received
        Py_DECREF(receiver)
    else:
        replace_one(sp, received)
    return DONE


# -- calls

cdef inline PyObject *first_of(PyObject **base, int oparg) noexcept nogil:
    """The first argument of a call, borrowed, or MISSING."""
    if base[0] is not NULL:
        return base[1]
    return base[2] if oparg > 0 else missing_mark


cdef int tell_raised_in_c(
    PyThreadState *ts, CodeState *state, uint16_t *at, PyObject *callable,
    PyObject *first
) noexcept nogil:
    """C_RAISE: the pending exception stays, unless a tool raises another.  -1 then."""
    cdef PyObject *kind = NULL
    cdef PyObject *value = NULL
    cdef PyObject *traceback = NULL
    PyErr_Fetch(&kind, &value, &traceback)
    if tell_place(
        ts, state, at, OWN_SLOT, ops.EVENT_C_RAISE, offset_of(state, at), callable,
        first
    ) < 0:
        Py_XDECREF(kind)
        Py_XDECREF(value)
        Py_XDECREF(traceback)
        return -1
    PyErr_Restore(kind, value, traceback)
    return 0


cdef int finish_c_call(
    PyThreadState *ts, CodeState *state, uint16_t *at, PyObject **base, PyObject **top,
    PyObject *callable, PyObject *first, Told *going
) noexcept nogil:
    """What comes after a call through the host that left its result at `base`, or none.

    Takes the references to callable and first argument.
    """
    cdef int outcome = DONE
    if top is NULL:
        tell_raised_in_c(ts, state, at, callable, first)
        outcome = FAILED
    else:
        going.sp = top
        if tell_place(
            ts, state, at, OWN_SLOT, ops.EVENT_C_RETURN, offset_of(state, at), callable,
            first
        ) < 0:
            going.sp = base
            Py_DECREF(base[0])
            outcome = FAILED
    Py_DECREF(callable)
    Py_DECREF(first)
    return outcome


cdef inline bint is_python_function(PyObject *callable) noexcept nogil:
    """Whether it, or the function of a bound method, is a Python function."""
    if Py_IS_TYPE(callable, &PyMethod_Type):
        callable = PyMethod_GET_FUNCTION(callable)
    return Py_IS_TYPE(callable, &PyFunction_Type)


cdef int do_call(
    PyThreadState *ts, CodeState *state, uint16_t *at, int oparg, PyObject *kwnames,
    PyObject **sp, Told *going
) noexcept nogil:
    """CALL and CALL_KW; what is no Python function is called here."""
    cdef PyObject **base = sp - oparg - 2
    cdef PyObject *callable = callable_at(base)
    cdef PyObject *first = first_of(base, oparg)
    cdef Py_ssize_t count
    if tell_place(
        ts, state, at, OWN_SLOT, ops.EVENT_CALL, offset_of(state, at), callable, first
    ) < 0:
        return FAILED
    if is_python_function(callable):
        return ops.CALL
    count = open_method(base, oparg) - keyword_count(kwnames)
    callable = callable_at(base)
    first = first_of(base, oparg)
    Py_INCREF(callable)
    Py_INCREF(first)
    going.next = at + 1 + ops.CALL_CACHE
    return finish_c_call(
        ts, state, at, base, call_host(base, sp, count, kwnames), callable, first, going
    )


cdef int do_call_ex(
    PyThreadState *ts, CodeState *state, uint16_t *at, int oparg, PyObject **sp,
    Told *going
) noexcept nogil:
    """CALL_FUNCTION_EX: null callable args kwargs?"""
    cdef PyObject **base = sp - 3 - (oparg & 1)
    cdef PyObject *callable = base[1]
    cdef PyObject *first = missing_mark
    if normalize_ex_arguments(sp, oparg) < 0:
        return FAILED
    if PyTuple_GET_SIZE(base[2]) > 0:
        first = PyTuple_GET_ITEM(base[2], 0)
    if tell_place(
        ts, state, at, OWN_SLOT, ops.EVENT_CALL, offset_of(state, at), callable, first
    ) < 0:
        return FAILED
    if is_python_function(callable):
        return ops.CALL_FUNCTION_EX
    Py_INCREF(callable)
    Py_INCREF(first)
    going.next = at + 1
    return finish_c_call(
        ts, state, at, base, call_host_ex(base, oparg), callable, first, going
    )


# -- the instrumented instruction

cdef int tell_own(
    PyThreadState *ts, HostFrame *frame, CodeState *state, uint16_t *at,
    PyObject **sp, int oparg, PyObject *kwnames, Told *going
) noexcept nogil:
    """The instruction's own event; what `monitor` returns."""
    cdef int base = state.watch.bases[at - state.units]
    cdef Mark *mark = &state.watch.marks[at - state.units]
    if not (mark.tools[OWN_SLOT] or mark.tools[STOP_SLOT] or watching_exceptions):
        return base
    if base == ops.CALL or base == ops.CALL_KW:
        return do_call(ts, state, at, oparg, kwnames, sp, going)
    elif base == ops.CALL_FUNCTION_EX:
        return do_call_ex(ts, state, at, oparg, sp, going)
    elif base == ops.FOR_ITER:
        return do_for_iter(ts, frame, state, at, sp, going)
    elif base == ops.SEND:
        return do_send(ts, frame, state, at, sp, going)
    elif base == ops.JUMP_IF_FALSE_OR_POP or base == ops.JUMP_IF_TRUE_OR_POP:
        return do_jump_or_pop(ts, state, at, base, sp, going)
    elif base == ops.JUMP_FORWARD or base == ops.JUMP_BACKWARD:
        if tell_jump(ts, state, at, ops.EVENT_JUMP, jump_target(state, at)) < 0:
            return FAILED
    elif JUMP_FLAGS[base] & ops.FLAG_JUMP:
        return tell_popping_jump(ts, state, at, base, sp[-1])
    elif mark.tools[OWN_SLOT]:
        if tell_place(
            ts, state, at, OWN_SLOT, own_event(base, oparg), offset_of(state, at),
            NULL if base == ops.RESUME else sp[-1], NULL
        ) < 0:
            return FAILED
    return base


cdef int tell_all(
    PyThreadState *ts, HostFrame *frame, CodeState *state, uint16_t *at, PyObject **sp,
    int oparg, PyObject *kwnames, Told *going
) noexcept nogil:
    """LINE, then INSTRUCTION, then the instruction's own event."""
    cdef Mark *mark = &state.watch.marks[at - state.units]
    cdef bint is_new = mark.tools[LINE_SLOT] and is_new_line(frame, state, at)
    cdef int outcome
    sync(frame, state, at + 1)
    if host_in_tool(ts):
        return state.watch.bases[at - state.units]
    if is_new:
        outcome = tell_line(ts, frame, state, at, sp, going)
        if outcome != GO_ON:
            return outcome
    if mark.tools[INSTRUCTION_SLOT]:
        if tell_place(
            ts, state, at, INSTRUCTION_SLOT, ops.EVENT_INSTRUCTION,
            offset_of(state, at), NULL, NULL
        ) < 0:
            return FAILED
    return tell_own(ts, frame, state, at, sp, oparg, kwnames, going)


cdef int monitor(
    PyThreadState *ts, HostFrame *frame, CodeState *state, uint16_t *next,
    PyObject **sp, int oparg, PyObject *kwnames
) noexcept nogil:
    """An instrumented instruction, the one in front of `next`.

    The opcode of the base to go on with; FAILED with an exception, and then the
    operands are below `told.sp` and `told.next` is behind the instruction; or DONE,
    and then `told` says where to go on.
    """
    global told
    cdef Told going
    cdef int outcome
    going.sp = sp
    going.next = next
    outcome = tell_all(ts, frame, state, next - 1, sp, oparg, kwnames, &going)
    if outcome == FAILED:
        # There the exception is raised: where the instruction is, or a tool has jumped.
        going.next = executing_unit(frame, state) + 1
    # Other frames may have come here meanwhile: now nothing runs before it is read.
    told = going
    return outcome
