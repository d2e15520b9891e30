# Frames and code state: what a code object carries, how a callee's frame is pushed, how
# a frame is handed to the host.  Text of _core.pyx.

from libc.stdint cimport uint8_t, uint16_t
from libc.stdlib cimport calloc, free

# What the counting build keeps for each unit (counting.pxi).
cdef enum:
    MOST_TYPES = 6          # kept apart at one site

# Types of the one or two operands that decide, and how often they were met.
ctypedef struct TypesSeen:
    PyTypeObject *first             # strong; NULL where the slot is free
    PyTypeObject *second            # strong, or NULL
    unsigned long long count

ctypedef struct SiteTypes:
    TypesSeen[MOST_TYPES] seen
    unsigned long long more

ctypedef struct UnitCount:
    unsigned long long executions
    unsigned long long misses
    SiteTypes *types                # made at the first generic execution

# What the engine knows of a code object; lives in its co_extra until the code dies.
cdef enum Status:
    COLD        # not lowered yet
    READY       # lowered: the engine runs it
    DECLINED    # the host runs it, for `reason`

ctypedef struct Handler:
    int start       # units, end exclusive
    int end
    int target
    int depth
    int lasti

# What tools have asked for in one code object; NULL while none ever has.  The arrays
# are there once something has been instrumented, and stay: a tool that is being called
# may switch its own events off.
cdef enum:
    LINE_SLOT           # which event a set of tools is for; OWN is the instruction's
    INSTRUCTION_SLOT
    OWN_SLOT
    STOP_SLOT
    SLOT_COUNT

ctypedef struct Mark:
    uint8_t spot                # Spot flags
    uint8_t[SLOT_COUNT] tools   # that are told here

ctypedef struct Watch:
    uint8_t[ops.LOCAL_EVENT_COUNT] asked    # tools by event: set_local_events
    uint8_t[ops.LOCAL_EVENT_COUNT] placed   # ... of which the marks speak
    bint placed_raise       # ... and whether passing exceptions are told
    uint8_t *bases          # by unit; borrowed from the CodeUnits
    Mark *marks             # by unit
    int *lines              # by host unit, -1 for none
    Py_ssize_t host_length  # host units
    int with_line           # units that may tell LINE
    int instrumented        # units with an instrumented opcode

# Copies for threads (copies.pxi), of code that has any.
ctypedef struct Copies:
    CodeState **by_index    # by thread index; NULL where there is none
    Py_ssize_t capacity
    CodeState *next         # in the list of code that has copies
    CodeState *previous

# Where a frame goes on: a host index, and its unit.
ctypedef struct ResumePoint:
    int host
    int unit

cdef enum:
    RESUME_POINTS = 8       # by the host index's lowest bits

# Small, because each lowered function has one: flags side by side, and behind pointers
# what few functions need.
ctypedef struct Rare:
    ResumePoint[RESUME_POINTS] resumed      # beside the one in the state
    short *depths           # of the stack, by unit; NULL but under --stress check
    UnitCount *counted      # by unit, in the counting build; else NULL
    void *counts_owner      # strong: the CodeCounts that reports them, or NULL
    Copies *copies          # NULL: none but the main one

# What a call reads stands first and side by side, for the processor's cache.
cdef struct CodeState:
    flag at_once            # lowered at its first call: it has loops, or is marked
    flag pushable           # ready; a call needs a frame, no more (CO_OPTIMIZED)
    flag marked             # selected by @specialize
    flag quickened          # its counters have begun
    flag plain_arguments    # as many arguments as parameters need no binding
    flag is_own             # the package's own code: nothing of it is told to tools
    flag is_listed          # among all that tools may ask about
    flag is_callee_of_many  # in the table of callees by functions (call.pxi)
    unsigned char status    # a Status
    unsigned char reason    # why it is declined
    unsigned int version    # no other code has it; 0: it may not be cached
    int exact_count         # arguments that need no binding, or -1
    int locals_count        # localsplus slots
    int frame_words
    int length              # units; the host index of unit u is units[length + u]
    uint16_t *units
    PyCodeObject *code      # borrowed: the state dies with it
    int calls               # seen while it was cold
    int handler_count
    int resume_host         # the host index resumed at first, and its unit
    int resume_unit
    Handler *handlers
    void *owner             # strong: the CodeUnits that owns `units`
    Watch *watch            # owned by the main copy, or NULL
    CodeState *before       # its neighbours among all that tools may ask about
    CodeState *after
    Rare *rare              # owned by the main copy, or NULL

# Below the frame of a callee that the engine pushed: how to go on in its caller.
ctypedef struct CallRecord:
    uint16_t *next          # the caller's next unit
    CodeState *state        # the caller's code
    PyObject **kept         # the call's operands, left on the caller's stack, or NULL
    PyObject *made          # strong: the object whose __init__ this is, or NULL

cdef enum:
    RECORD_WORDS = 4        # of the data stack; _begin checks it


cdef inline CallRecord *record_of(HostFrame *frame) noexcept nogil:
    """The record of a frame that push_frame made."""
    return <CallRecord *>(<PyObject **>frame - RECORD_WORDS)


cdef inline int host_index(CodeState *state, uint16_t *unit) noexcept nogil:
    return unit[state.length]


cdef inline void sync(
    HostFrame *frame, CodeState *state, uint16_t *next
) noexcept nogil:
    """The frame says which instruction executes (I4): the one just before `next`."""
    host_set_executing(frame, host_first_instr(state.code), host_index(state, next - 1))


cdef inline void sync_calling(
    HostFrame *frame, CodeState *state, uint16_t *next
) noexcept nogil:
    """The frame says that it calls, and that `next` comes after that."""
    host_set_calling(frame, host_first_instr(state.code), host_index(state, next - 1))


cdef inline bint is_watched(CodeState *state) noexcept nogil:
    """Whether tools are told anything of this code now."""
    return state.watch is not NULL and state.watch.instrumented != 0


cdef inline bint at_boundary(CodeState *state, uint16_t *next) noexcept nogil:
    """Whether `next` begins a host instruction, so that the host could go on there."""
    if next is state.units:
        return True
    return host_index(state, next) != host_index(state, next - 1)


cdef inline int unit_of(CodeState *state, int index) noexcept nogil:
    """The first unit of the host instruction at `index`, in host units."""
    cdef ResumePoint *point
    if state.resume_host == index:
        return state.resume_unit
    if likely(state.rare is not NULL):
        point = &state.rare.resumed[index & (RESUME_POINTS - 1)]
        if likely(point.host == index):
            return point.unit
    return look_unit_up(state, index)


cdef int look_unit_up(CodeState *state, int index) noexcept nogil:
    """The same where nothing is noted of the index; now it is.

    A slot that nothing is noted in says that the host's first instruction is unit 0.
    """
    cdef ResumePoint *point
    if state.resume_host == -1:
        state.resume_unit = find_unit(state, index)
        state.resume_host = index
        return state.resume_unit
    if need_rare(state) is NULL:
        return find_unit(state, index)
    point = &state.rare.resumed[index & (RESUME_POINTS - 1)]
    point.unit = find_unit(state, index)
    point.host = index
    return point.unit


cdef int find_unit(CodeState *state, int index) noexcept nogil:
    """`unit_of` by searching."""
    cdef uint16_t *indices = state.units + state.length
    cdef Py_ssize_t low = 0, high = state.length, middle
    while low < high:
        middle = (low + high) >> 1
        if indices[middle] < index:
            low = middle + 1
        else:
            high = middle
    return <int>low


cdef Handler *find_handler(CodeState *state, int unit) noexcept nogil:
    """The innermost handler around a unit, or NULL."""
    cdef int low = 0, high = state.handler_count, middle
    while low < high:
        middle = (low + high) >> 1
        if state.handlers[middle].end <= unit:
            low = middle + 1
        else:
            high = middle
    if low < state.handler_count and state.handlers[low].start <= unit:
        return &state.handlers[low]
    return NULL


cdef inline CodeState *state_of(PyCodeObject *code) noexcept nogil:
    return <CodeState *>host_code_extra(code, extra_index)


cdef CodeState *new_state(PyCodeObject *code) noexcept nogil:
    """A cold state, attached to the code; NULL, with no error, without memory."""
    cdef CodeState *state = <CodeState *>calloc(1, sizeof(CodeState))
    if state is NULL:
        return NULL
    state.at_once = has_loop(code)
    state.resume_host = -1
    if host_set_code_extra(code, extra_index, state) < 0:
        free(state)
        return NULL
    return state


cdef Rare *need_rare(CodeState *state) noexcept nogil:
    """Made if need be; NULL, with no error, without memory."""
    if state.rare is NULL:
        state.rare = <Rare *>calloc(1, sizeof(Rare))
    return state.rare


cdef void free_rare(CodeState *state) noexcept:
    """What it points to is gone already, but for the depths."""
    if state.rare is not NULL:
        free(state.rare.depths)
        free(state.rare)


cdef inline bint is_warm(CodeState *state) noexcept nogil:
    """A tool that asks for events everywhere wants them from the first call on."""
    return state.at_once or state.calls >= threshold or watching


cdef CodeState *warm(PyCodeObject *code, bint selected) noexcept nogil:
    """Counts one entry of code that is not ready.  Its state if it is ready now.

    Otherwise NULL; `left_reason` says why the host runs it.  `selected` is whether
    the code may become ready: engine on for all, or reached from engine code.
    """
    global left_reason
    cdef CodeState *state = state_of(code)
    if state is NULL:
        state = new_state(code)
        if state is NULL:
            left_reason = ops.REASON_NO_MEMORY
            return NULL
    if state.status == DECLINED:
        left_reason = state.reason
        return NULL
    if not (selected or state.marked):
        left_reason = ops.REASON_UNMARKED
        return NULL
    if not is_warm(state):
        state.calls += 1
        left_reason = ops.REASON_COLD
        return NULL
    if not make_ready(state, code):
        left_reason = ops.REASON_OWN if state.status == COLD else state.reason
        return NULL
    return state


cdef inline CodeState *callee_state(
    PyThreadState *ts, PyCodeObject *code
) noexcept nogil:
    """The state of code that engine code is about to call, if it can be run here.

    It cannot while another tool's hook stands in place of ours.
    """
    if unlikely(not host_hook_is(ts, eval_frame)):
        return copied_callee(ts, code)
    return ready_callee(code)


cdef CodeState *copied_callee(PyThreadState *ts, PyCodeObject *code) noexcept nogil:
    """The same while threads may have copies."""
    cdef CodeState *state = ready_callee(code)
    return NULL if state is NULL else copy_for_call(ts, state)


cdef inline CodeState *ready_callee(PyCodeObject *code) noexcept nogil:
    """The main copy of code that is ready to be called, or NULL.

    A cold callee is left to the host's way of calling, which counts it through the
    hook; only the last step to readiness is taken here.
    """
    cdef CodeState *state = state_of(code)
    if likely(state is not NULL) and likely(state.status == READY):
        return state if likely(state.pushable) else NULL
    if state is NULL:
        state = new_state(code)
    if state is NULL or state.status == DECLINED or not is_warm(state):
        return NULL
    if not make_ready(state, code):
        return NULL
    return state if state.pushable else NULL


cdef inline HostFrame *push_frame(
    PyThreadState *ts, PyFunctionObject *function, CodeState *callee
) noexcept nogil:
    """An unlinked frame for the function, with room for a record; locals not yet set.

    NULL, with nothing changed and no exception, if the data stack has no room.  Takes
    the reference to the function over.
    """
    return host_push_frame(
        ts, function, callee.frame_words, callee.locals_count, RECORD_WORDS
    )


cdef inline void pop_frame(PyThreadState *ts, HostFrame *frame) noexcept nogil:
    """Gives back what push_frame took."""
    host_pop_frame(ts, frame, RECORD_WORDS)


cdef void cancel_call(PyThreadState *ts, HostFrame *frame) noexcept nogil:
    """Takes back a pushed frame that holds no locals, but for the function's reference.
    """
    Py_DECREF(<PyObject *>frame.f_code)
    pop_frame(ts, frame)


cdef inline HostFrame *push_call(
    PyThreadState *ts, PyFunctionObject *function, CodeState *callee,
    PyObject **args, Py_ssize_t count, PyObject *kwnames
) noexcept nogil:
    """An unlinked frame for the function, its parameters bound; room for a record.

    The frame takes the reference to the function over, and new ones to the arguments.
    NULL, with nothing changed and no exception, if they do not bind or the data stack
    has no room: the host then does the call, and raises what there is to raise.
    """
    cdef HostFrame *frame = push_frame(ts, function, callee)
    if unlikely(frame is NULL):
        return NULL
    if not bind_arguments(
        function, frame.f_code, frame.localsplus, args, count, kwnames
    ):
        cancel_call(ts, frame)
        return NULL
    return frame


cdef inline HostFrame *push_plain_call(
    PyThreadState *ts, PyFunctionObject *function, CodeState *callee,
    PyObject **args, Py_ssize_t count
) noexcept nogil:
    """The same where every argument is one parameter; takes the arguments over too."""
    cdef Py_ssize_t i
    cdef HostFrame *frame = push_frame(ts, function, callee)
    if unlikely(frame is NULL):
        return NULL
    for i in range(count):
        frame.localsplus[i] = args[i]
    for i in range(count, callee.locals_count):
        frame.localsplus[i] = NULL
    return frame


cdef HostFrame *push_with_defaults(
    PyThreadState *ts, PyFunctionObject *function, CodeState *callee,
    PyObject **args, Py_ssize_t count
) noexcept nogil:
    """The same where the last parameters have defaults; NULL if not all of them have.

    `callee` has neither stars nor keyword-only parameters.
    """
    cdef PyObject *defaults = function.func_defaults
    cdef Py_ssize_t bound = callee.code.co_argcount
    cdef Py_ssize_t skipped, i
    cdef PyObject *value
    cdef HostFrame *frame
    if defaults is NULL or count > bound:
        return NULL
    skipped = PyTuple_GET_SIZE(defaults) - bound
    if count + skipped < 0:
        return NULL
    frame = push_frame(ts, function, callee)
    if unlikely(frame is NULL):
        return NULL
    for i in range(count):
        frame.localsplus[i] = args[i]
    for i in range(count, bound):
        value = PyTuple_GET_ITEM(defaults, i + skipped)
        Py_INCREF(value)
        frame.localsplus[i] = value
    for i in range(bound, callee.locals_count):
        frame.localsplus[i] = NULL
    return frame


cdef inline bint drop_value(PyObject *value) noexcept nogil:
    """Drops a reference in an instruction that is synced.  Whether it was the last one:
    then code may have run, and may have switched tracing on."""
    if likely(not host_was_last(value)):
        return False
    end_value(value)
    return True


cdef inline bint drop_if_any(PyObject *value) noexcept nogil:
    """The same for what may be NULL."""
    return value is not NULL and drop_value(value)


cdef void end_value(PyObject *value) noexcept nogil:
    """Ends what nothing refers to any more.  Numbers are kept for the next result."""
    if PyLong_CheckExact(value):
        host_end_int(value)
    elif PyFloat_CheckExact(value):
        host_end_float(value)
    else:
        host_end_object(value)


cdef inline void drop_pushed_frame(
    PyThreadState *ts, HostFrame *frame, CodeState *state
) noexcept nogil:
    """Clears and pops a frame that push_call made and nobody holds; it is unlinked."""
    cdef int i
    for i in range(state.locals_count):
        drop_if_any(frame.localsplus[i])
    Py_DECREF(<PyObject *>frame.f_func)
    Py_DECREF(<PyObject *>frame.f_code)
    pop_frame(ts, frame)


cdef inline void link_call(
    PyThreadState *ts, HostFrame *caller, HostFrame *callee, uint16_t *next,
    CodeState *caller_code
) noexcept nogil:
    """Makes a bound frame the current one, and notes how to go on after it."""
    cdef CallRecord *record = record_of(callee)
    record.next = next
    record.state = caller_code
    callee.previous = caller
    host_set_current_frame(ts, callee)
    counts.calls_inlined += 1


cdef bint expire(
    PyObject *value, HostFrame *frame, CodeState *state, uint16_t *next
) noexcept nogil:
    """Ends what nothing refers to any more; whether events are on after that.

    Numbers, which are kept for the next result, have no finalizers.
    """
    if PyLong_CheckExact(value):
        host_end_int(value)
        return False
    if PyFloat_CheckExact(value):
        host_end_float(value)
        return False
    sync(frame, state, next)
    host_end_object(value)
    return host_tracing_here()


cdef inline bint release(
    PyObject *value, HostFrame *frame, CodeState *state, uint16_t *next
) noexcept nogil:
    """`drop_value` in an instruction that is not synced yet; a finalizer may look.

    Whether a finalizer has run that left events switched on: the frame is the host's
    from the next instruction on.
    """
    if likely(not host_was_last(value)):
        return False
    return expire(value, frame, state, next)


cdef inline bint stores(
    PyObject *value, HostFrame *frame, uint16_t *unit
) noexcept nogil:
    """Whether the unit is a STORE_FAST and is done, the value taken over.

    For the instruction in front of it, to save the way over the stack.  Where dropping
    what the local held could run something, the store is left to STORE_FAST itself.
    """
    if unlikely(unit_op(unit[0]) != ops.STORE_FAST):
        return False
    return stored(&frame.localsplus[unit_arg(unit[0])], value)


cdef inline bint stored(PyObject **local, PyObject *value) noexcept nogil:
    """Whether the local could take the value, without anything being run."""
    cdef PyObject *old = local[0]
    if likely(old is not NULL) and unlikely(not host_drop_unseen(old)):
        return False
    local[0] = value
    return True


cdef inline void drop(PyObject **base, PyObject **sp) noexcept nogil:
    """Releases the stack from the top down to `base`; slots may be NULL."""
    while sp > base:
        sp -= 1
        drop_if_any(sp[0])


cdef void add_traceback(PyThreadState *ts, HostFrame *frame) noexcept nogil:
    """The pending exception passes through this frame."""
    cdef PyFrameObject *shown
    if not host_is_incomplete(frame):
        shown = host_frame_object(ts, frame)
        if shown is not NULL:
            PyTraceBack_Here(shown)
        else:
            # The attempt has dropped the exception, as the host's own does.
            PyErr_NoMemory()


cdef PyObject *caught_exception() noexcept nogil:
    """The pending exception as an instance with its traceback; no longer pending."""
    cdef PyObject *kind = NULL
    cdef PyObject *value = NULL
    cdef PyObject *traceback = NULL
    PyErr_Fetch(&kind, &value, &traceback)
    PyErr_NormalizeException(&kind, &value, &traceback)
    PyException_SetTraceback(value, Py_None if traceback is NULL else traceback)
    Py_XDECREF(traceback)
    Py_XDECREF(kind)
    return value


cdef void raise_again(PyObject *value) noexcept nogil:
    """The exception instance is pending again; takes the reference over."""
    cdef PyObject *kind = PyExceptionInstance_Class(value)
    Py_INCREF(kind)
    PyErr_Restore(kind, value, PyException_GetTraceback(value))


cdef int do_pending_work(PyThreadState *ts) noexcept nogil:
    """Signals, GIL requests, pending calls, asynchronous exceptions.

    GO_ON, FAILED with an exception, or the reason for which frames go to the host.
    Signal handlers and pending calls see the frame, and import by its builtins; the
    rest the host does while it runs a function that does nothing (`host_work`).
    """
    cdef PyObject *result
    if Py_MakePendingCalls() < 0:
        return FAILED
    if host_work_pending(ts) and not host_tracing(ts):
        host_leave_recursion(ts)
        result = PyObject_CallNoArgs(host_work)
        host_count_recursion(ts)
        if result is NULL:
            return FAILED
        Py_DECREF(result)
    return GO_ON if engine_on else ops.REASON_DISABLED


cdef PyObject *hand_over(
    PyThreadState *ts, HostFrame *frame, CodeState *state,
    uint16_t *next, PyObject **sp, int reason
) noexcept nogil:
    """The host runs the frame from `next` on, which must be a boundary.

    Returns the frame's result, or NULL with an exception.  The frame is then unlinked
    and its recursion no longer counted; it has not been cleared.
    """
    counts.bailouts[reason] += 1
    if reason == ops.REASON_DISABLED:
        # The frames below it must look around as well.
        Py_AddPendingCall(no_work, NULL)
    host_set_next(frame, host_first_instr(state.code), host_index(state, next))
    host_give_stack(frame, sp)
    return host_run_on(ts, frame)
