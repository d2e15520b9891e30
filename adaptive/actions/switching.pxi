# The engine as Python sees it: switching it on and off, lowering code, counters.
# Text of _core.pyx; everything here runs with the interpreter lock, outside the loop.

from cpython.bytes cimport PyBytes_AS_STRING
from libc.stdlib cimport malloc

cdef object lower = None            # code -> Lowered, or raises `declined_error`
cdef object declined_error = None


def plug_in(lower_function, declined_exception, work_function, reraise_function):
    """Fills the engine's slots; `__init__` calls it once.

    `lower_function` turns a code object into an `adaptive.lowering.Lowered` or raises
    `declined_exception`; `work_function` is the host's way to do what is pending, and
    `reraise_function` its way to end `except*`.
    """
    global lower, declined_error, host_work, host_reraise
    lower = lower_function
    declined_error = declined_exception
    for function in (work_function, reraise_function):
        decline(function.__code__, ops.REASON_OWN)
        Py_INCREF(<PyObject *>function)
    host_work = <PyObject *>work_function
    host_reraise = <PyObject *>reraise_function


def set_policy(choose_function, warmup, cooldown, bint enabled, fused):
    """Which function decides about a `Site`, and the raw counters around it.

    For code that is quickened from now on.  Not enabled: nothing specializes.
    `fused` are the names of the fused instructions that may be formed.
    """
    global choose, warmup_counter, cooldown_counter, specializing, fusing
    choose = choose_function
    warmup_counter = warmup
    cooldown_counter = cooldown
    specializing = enabled
    fusing = bool(fused)
    choose_fusions(fused)


def set_next_versions(code_version=None, keys_version=None):
    """For tests: the next version that code, and the keys of a dict, are given.

    0 says that there are no more.
    """
    global next_code_version
    if code_version is not None:
        next_code_version = code_version
    if keys_version is not None:
        set_next_keys_version(keys_version)


def version_of_code(code):
    """The code's version, which call sites compare; 0 if it has none."""
    return need_state(code).version


def version_of_type(type kind not None):
    """The type's version, which attribute sites compare; 0 while it has none."""
    return host_version_tag(<PyTypeObject *>kind)


cdef void free_state(void *pointer) noexcept:
    """The code object dies, and what the engine knows of it."""
    cdef CodeState *state = <CodeState *>pointer
    if state is NULL:
        return
    if state.marked:
        unmark()
    free_copies(state)
    forget_callee(state)
    delist(state)
    free_watch(state.watch)
    free(state.handlers)
    if ADAPTIVE_STATS:
        end_code_counts(state)
    free_rare(state)
    Py_XDECREF(<PyObject *>state.owner)
    free(state)


cdef CodeState *need_state(code) except NULL:
    cdef CodeState *state = state_of(<PyCodeObject *><PyObject *>code)
    if state is NULL:
        state = new_state(<PyCodeObject *><PyObject *>code)
    if state is NULL:
        raise MemoryError
    return state


cdef int decline(code, int reason) except -1:
    cdef CodeState *state = need_state(code)
    state.status = DECLINED
    state.reason = reason
    return 0


def leave_to_host(code):
    """The code is the package's own, and never runs here."""
    decline(code, ops.REASON_OWN)


cdef int adopt(CodeState *state, PyCodeObject *code, lowered) except -1:
    """The state owns what the lowering made; ready from now on."""
    cdef CodeUnits units = CodeUnits(lowered.units, lowered.host_offsets)
    cdef list entries = lowered.exception_table
    cdef Handler *handlers = NULL
    cdef bint pushable = (code.co_flags & CO_OPTIMIZED) != 0
    cdef Py_ssize_t i
    note_depths(state, measured(code, lowered))
    if entries:
        handlers = <Handler *>malloc(len(entries) * sizeof(Handler))
        if handlers is NULL:
            raise MemoryError
        for i in range(len(entries)):
            (
                handlers[i].start, handlers[i].end, handlers[i].target,
                handlers[i].depth, handlers[i].lasti,
            ) = entries[i]
    state.handlers = handlers
    state.handler_count = <int>len(entries)
    state.units = units.units
    state.length = units.length
    if ADAPTIVE_STATS:
        begin_code_counts(state, <object><PyObject *>code)
    state.frame_words = host_frame_words(code)
    state.locals_count = code.co_nlocalsplus
    state.plain_arguments = code.co_kwonlyargcount == 0 and not (
        code.co_flags & (CO_VARARGS | CO_VARKEYWORDS)
    )
    state.exact_count = -1
    if state.plain_arguments and pushable:
        state.exact_count = code.co_argcount
    state.version = take_version() if pushable else 0
    Py_INCREF(<PyObject *>units)
    state.owner = <void *>units
    state.code = code
    state.is_own = (<object>code.co_filename).startswith(OWN_DIRECTORY)
    apply_events(state, False)
    enlist(state)
    state.pushable = pushable
    state.status = READY
    counts.lowered += 1
    return 0


cdef int lower_and_adopt(CodeState *state, PyCodeObject *code) except -1:
    """Raises what the lowering raises."""
    return adopt(state, code, lower(<object><PyObject *>code))


cdef int note_refusal(CodeState *state, error) except -1:
    """The lowering's own reason for which the code is declined."""
    state.reason = reasons.NAMES.index(error.reason)
    return 0


ctypedef int (*lower_and_adopt_type)(CodeState *, PyCodeObject *) noexcept
ctypedef int (*note_refusal_type)(CodeState *, object) noexcept


cdef bint note_failure(CodeState *state) noexcept:
    """The lowering has raised: whether the code is declined for that, or stays cold."""
    cdef object error = taken_error()
    cdef PyObject *raised = <PyObject *>error
    if PyErr_GivenExceptionMatches(raised, PyExc_KeyboardInterrupt):
        PyErr_SetInterrupt()
        return False
    if PyErr_GivenExceptionMatches(
        raised, PyExc_MemoryError
    ) or PyErr_GivenExceptionMatches(raised, PyExc_RecursionError):
        return False
    state.reason = ops.REASON_LOWERING_FAILED
    if PyErr_GivenExceptionMatches(raised, <PyObject *>declined_error):
        if (<note_refusal_type>note_refusal)(state, error) < 0:
            PyErr_Clear()
    state.status = DECLINED
    return True


cdef bint lower_code(CodeState *state, PyCodeObject *code) noexcept:
    """Lowers cold code.  False if it stays cold or is declined; never raises.

    Ready is only what really is: without memory or stack the code stays cold and is
    tried again; a signal that arrives meanwhile is delivered to the program later.
    """
    cdef unsigned long long begun = nanoseconds() if ADAPTIVE_STATS else 0
    if (<lower_and_adopt_type>lower_and_adopt)(state, code) < 0:
        if not note_failure(state):
            return False
    if ADAPTIVE_STATS:
        count_lowering(state, <object><PyObject *>code, begun)
    return state.status == READY


ctypedef bint (*lower_code_type)(CodeState *, PyCodeObject *) noexcept nogil


cdef bint make_ready(CodeState *state, PyCodeObject *code) noexcept nogil:
    """Lowers code that has become warm, keeping a pending exception.

    Not while the interpreter is taken down, when our own modules may be empty already.
    """
    global own_thread
    cdef PyObject *kind = NULL
    cdef PyObject *value = NULL
    cdef PyObject *traceback = NULL
    cdef bint ready
    cdef int collecting
    if own_thread is not NULL or host_finalizing():
        return False
    PyErr_Fetch(&kind, &value, &traceback)
    own_thread = PyThreadState_Get()
    # The lock is held: the loop only looks as if it did without.
    collecting = PyGC_Disable()
    ready = (<lower_code_type>lower_code)(state, code)
    if collecting:
        PyGC_Enable()
    own_thread = NULL
    PyErr_Restore(kind, value, traceback)
    return ready


# -- switching -------------------------------------------------------------------------

cdef Py_ssize_t marked_count = 0        # live code objects that @specialize selected


cdef int no_work(void *unused) noexcept nogil:
    return 0


cdef void install() noexcept:
    """Hook and flag follow from what is wanted: everything, marked code, or nothing.

    Another tool's hook that was there before goes on being called for what the engine
    does not run; one that came after stays where it is.
    """
    global engine_on, previous_hook
    cdef PyInterpreterState *interpreter = PyInterpreterState_Get()
    cdef EvalFrame current = _PyInterpreterState_GetEvalFrameFunc(interpreter)
    cdef bint wanted = run_everything or marked_count > 0
    if wanted == engine_on:
        return
    engine_on = wanted
    if wanted and current is not own_hook:
        previous_hook = current
        _PyInterpreterState_SetEvalFrameFunc(interpreter, own_hook)
    elif not wanted:
        if current is own_hook:
            _PyInterpreterState_SetEvalFrameFunc(interpreter, previous_hook)
        # Frames that run now look around, see this, and go to the host.
        Py_AddPendingCall(no_work, NULL)


cdef void unmark() noexcept:
    global marked_count
    marked_count -= 1
    install()


def enable(int calls):
    """Runs every function on the engine once it has been called `calls` times."""
    global run_everything, threshold
    threshold = calls
    run_everything = True
    install()


def disable():
    """Takes the hook away; frames that are running go to the host."""
    global run_everything
    run_everything = False
    forget_marks()
    install()


cdef list marked_codes = []             # weak references


def mark(code):
    """Selects one code object for the engine; it is lowered at its first call."""
    global marked_count
    cdef CodeState *state = need_state(code)
    if not state.marked:
        state.marked = True
        state.at_once = True
        marked_count += 1
        marked_codes.append(weakref(code))
    install()


cdef void forget_marks() noexcept:
    """Nothing is selected any more."""
    global marked_count
    for reference in marked_codes:
        code = reference()
        if code is not None:
            state_of(<PyCodeObject *><PyObject *>code).marked = False
    marked_codes.clear()
    marked_count = 0


def is_enabled():
    """Whether the hook is installed."""
    return engine_on


def set_stress(
    unsigned int seed, unsigned int one_in, unsigned int every, unsigned int misses
):
    """The stress modes: bail one boundary in `one_in`, collect `every` instructions,
    let one guard in `misses` fail.

    0 switches a mode off.  Raises RuntimeError in the build without stress modes.
    """
    global stress_random, bail_one_in, gc_every, gc_left, miss_one_in
    if not ADAPTIVE_STRESS:
        raise RuntimeError("this build of the loop has no stress modes")
    # Zero is the one state that xorshift never leaves.
    stress_random = seed ^ 0x9E3779B9 or 1
    bail_one_in = one_in
    gc_every = gc_left = every
    miss_one_in = misses


# -- what there is to see --------------------------------------------------------------

def units_of(code):
    """The code's `CodeUnits`, lowered now if need be; None if it is declined."""
    cdef CodeState *state = need_state(code)
    if state.status == COLD:
        lower_code(state, <PyCodeObject *><PyObject *>code)
    return <object>state.owner if state.status == READY else None


def memory_of(code):
    """Bytes that the engine keeps for the code, lowered now if need be; 0 if declined.

    The units with their map to the host's, the exception table and the records.
    """
    cdef CodeState *state = need_state(code)
    if units_of(code) is None:
        return 0
    return (
        sizeof(CodeState) + <size_t>CodeUnits.__basicsize__
        + state.handler_count * sizeof(Handler) + 2 * state.length * sizeof(uint16_t)
        + (sizeof(Rare) if state.rare is not NULL else 0) + memory_of_watch(state)
    )


def handlers_of(code):
    """The exception table: `(start, end, target, depth, lasti)` in units."""
    cdef CodeState *state = need_state(code)
    return tuple(
        (
            state.handlers[i].start, state.handlers[i].end, state.handlers[i].target,
            state.handlers[i].depth, bool(state.handlers[i].lasti),
        )
        for i in range(state.handler_count)
    )


def declined_reason(code):
    """The name of the reason for which the code stays with the host, or None."""
    cdef CodeState *state = need_state(code)
    if state.status == COLD:
        lower_code(state, <PyCodeObject *><PyObject *>code)
    return reasons.TABLE[state.reason].name if state.status == DECLINED else None


def counters():
    """What ran here and what did not, since the last reset."""
    return {
        "frames": {
            "engine": counts.entries + counts.calls_inlined,
            "host": {
                row.name: counts.frames_host[i]
                for i, row in enumerate(reasons.TABLE) if counts.frames_host[i]
            },
        },
        "calls_inlined": counts.calls_inlined,
        "calls_through_host": counts.calls_through_host,
        "bailouts": {
            row.name: counts.bailouts[i]
            for i, row in enumerate(reasons.TABLE) if counts.bailouts[i]
        },
        "lowered": counts.lowered,
        "quickened": counts.quickened,
        "attempts": counts.attempts,
        "specialized": {
            row.name: counts.specialized[<int>row.number]
            for row in isa.INSTRUCTIONS if counts.specialized[<int>row.number]
        },
        "refused": {
            row.name: counts.refused[i]
            for i, row in enumerate(reasons.TABLE) if counts.refused[i]
        },
    }


def reset_counters():
    """All counters are zero again."""
    memset(&counts, 0, sizeof(counts))


# -- a fork ---------------------------------------------------------------------------

def forget_other_threads():
    """In a child process: whoever was about to specialize or to lower is gone."""
    global own_thread
    if own_thread is not PyThreadState_Get():
        own_thread = NULL


# -- the module ------------------------------------------------------------------------

import os
from weakref import ref as weakref


class _PythonLevel:
    """Shows which slots a class with these methods has."""

    def __init__(self):
        pass

    def __getitem__(self, key):
        pass


cdef object hide(table):
    """The collector need not look at a table that the program cannot change.

    It visits every container there is: without the instruction set's, collections of a
    small heap take some percent less.  A table is in no cycle, so that its last
    reference ends it all the same.
    """
    if isinstance(table, dict):
        for value in table.values():
            hide(value)
    elif isinstance(table, (tuple, frozenset)):
        for value in table:
            hide(value)
    elif not isinstance(table, reasons.Reason):
        return
    PyObject_GC_UnTrack(<PyObject *>table)


def _begin():
    """Checks the host and fills the tables; ImportError if the host is not ours."""
    global extra_index, empty_tuple, python_init, python_subscript, dict_getitem
    cdef PyTypeObject *python_level = <PyTypeObject *><PyObject *>_PythonLevel
    cdef const char *mismatch = host_mismatch()
    if mismatch is not NULL:
        raise ImportError(
            f"adaptive was built for another CPython: {mismatch.decode()}"
            " (reinstall it with this interpreter)"
        )
    if ops.ISA_MAGIC != isa.MAGIC:
        raise ImportError(
            "adaptive was built from another instruction set than its isa.py declares"
            " (rebuild it)"
        )
    if (
        sizeof(CallRecord) != RECORD_WORDS * sizeof(void *)
        or sizeof(ResumeRecord) != RESUME_WORDS * sizeof(void *)
    ):
        raise ImportError("adaptive: a record does not have the words that it claims")
    extra_index = _PyEval_RequestCodeExtraIndex(<freefunc>free_state)
    if extra_index < 0:
        raise ImportError("adaptive: the interpreter has no free slot in code objects")
    python_init = python_level.tp_init
    python_subscript = python_level.tp_as_mapping.mp_subscript
    empty_tuple = PyTuple_New(0)
    if host_begin_values() < 0:
        raise MemoryError
    init_names_actions()
    dict_getitem = _PyType_Lookup(&PyDict_Type, STR_GETITEM)
    init_binary_functions()
    init_number_slots()
    init_extensions()
    init_isinstance()
    init_opcodes()
    init_fusions()
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=forget_other_threads)
    init_counting()
    init_instrumented()
    hide(reasons.TABLE)
    for name, table in vars(isa).items():
        if name.isupper():
            hide(table)


_begin()
