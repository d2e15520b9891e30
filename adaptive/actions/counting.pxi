# Counting: what is executed where, compiled into `_core_stats` only.  Text of
# _core.pyx.
#
# The loop counts two things and no more: `count_unit` each unit that it goes to, and
# `count_generic` each execution that a base instruction does, with its operands' types.
# If another opcode than the base stands in the unit by then, a form has missed.  All
# that is rare (attempts, and the phases of a site between them) is noted in Python.

from posix.time cimport CLOCK_MONOTONIC, clock_gettime, timespec

from sys import modules

cdef enum:
    MOST_CODES = 50_000     # kept one by one, and alive, while counting
    MOST_DECLINED = 1_000
    MOST_THREADS = 200      # counted apart
    DEFERRED = -1           # a phase of the base before any refusal

ctypedef struct ThreadCount:
    unsigned long long number       # the thread state's, never given twice
    unsigned long ident
    unsigned long long[256] executions
    unsigned long long[256] misses
    PyObject *name                  # strong, or NULL while nobody has asked
    ThreadCount *older

# Where a run of the loop is: the unit that it has gone to last.
ctypedef struct Counting:
    uint16_t *unit
    int op

cdef ThreadCount *newest_thread = NULL
cdef ThreadCount *this_thread = NULL
cdef int thread_count = 0
cdef unsigned long long *pairs = NULL       # [256 * first + second]
cdef unsigned long long lowering_ns = 0
cdef int codes_dropped = 0
cdef list counted_codes = []                # of CodeCounts
cdef list declined_codes = []               # of (file, name, first line, reason)
cdef set fused_opcodes = {row.number for row in isa.FUSED.values()}


cdef int init_counting() except -1:
    global pairs
    if not ADAPTIVE_STATS:
        return 0
    pairs = <unsigned long long *>calloc(256 * 256, sizeof(unsigned long long))
    if pairs is NULL:
        raise MemoryError
    return 0


cdef unsigned long long nanoseconds() noexcept nogil:
    cdef timespec now
    clock_gettime(CLOCK_MONOTONIC, &now)
    return now.tv_sec * 1_000_000_000ULL + now.tv_nsec


# -- in the loop -----------------------------------------------------------------------

cdef ThreadCount *find_thread(PyThreadState *ts) noexcept nogil:
    """The thread's counts, made now if need be; beyond the bound, or without memory,
    those of another thread."""
    global newest_thread, thread_count
    cdef ThreadCount *thread = newest_thread
    while thread is not NULL:
        if thread.number == host_thread_number(ts):
            return thread
        thread = thread.older
    if thread_count < MOST_THREADS:
        thread = <ThreadCount *>calloc(1, sizeof(ThreadCount))
    if thread is NULL:
        return newest_thread
    thread.number = host_thread_number(ts)
    thread.ident = host_thread_ident(ts)
    thread.older = newest_thread
    newest_thread = thread
    thread_count += 1
    return thread


cdef inline ThreadCount *counts_of_thread(PyThreadState *ts) noexcept nogil:
    global this_thread
    if this_thread is NULL or this_thread.number != host_thread_number(ts):
        this_thread = find_thread(ts)
    return this_thread


cdef inline void begin_place(Counting *place) noexcept nogil:
    """A run of the loop begins: it has gone to no unit yet."""
    place.op = ops.CACHE


cdef inline void count_fused_site(
    CodeState *state, Counting *place, uint16_t *next, ThreadCount *thread
) noexcept nogil:
    """The site that a fused instruction has done, if it has: the loop is behind it."""
    cdef uint16_t *site
    if FUSED_SITE[place.op] and next is not place.unit + 1:
        site = place.unit + FUSED_SITE[place.op]
        state.rare.counted[site - state.units].executions += 1
        thread.executions[unit_op(load_unit(site))] += 1
    begin_place(place)


cdef inline void count_unit(
    PyThreadState *ts, CodeState *state, uint16_t *next, Counting *place
) noexcept nogil:
    """The loop goes to the unit at `next`."""
    cdef ThreadCount *thread = counts_of_thread(ts)
    cdef int op = unit_op(load_unit(next))
    if unlikely(thread is NULL):
        return
    pairs[256 * place.op + op] += 1
    count_fused_site(state, place, next, thread)
    state.rare.counted[next - state.units].executions += 1
    thread.executions[op] += 1
    place.unit = next
    place.op = op


cdef inline void count_left(
    PyThreadState *ts, CodeState *state, uint16_t *next, Counting *place
) noexcept nogil:
    """The frame leaves the loop in front of `next`."""
    cdef ThreadCount *thread = counts_of_thread(ts)
    if likely(thread is not NULL):
        count_fused_site(state, place, next, thread)


cdef PyTypeObject *shown_type(PyObject *value) noexcept nogil:
    """A class stands for itself, so that calls and attributes of it can be told."""
    return <PyTypeObject *>value if PyType_Check(value) else Py_TYPE(value)


cdef void deciding_types(
    int base, PyObject **sp, int oparg, PyTypeObject **first, PyTypeObject **second
) noexcept nogil:
    """Borrowed: the types that a site's form depends on; NULL where there are fewer."""
    cdef PyObject **operands
    first[0] = second[0] = NULL
    if base == ops.CALL or base == ops.CALL_KW:
        operands = sp - oparg - 2
        first[0] = shown_type(callable_at(operands))
    elif base in (ops.LOAD_ATTR, ops.STORE_ATTR):
        first[0] = shown_type(sp[-1])
    elif base in (ops.TO_BOOL, ops.UNPACK_SEQUENCE, ops.FOR_ITER):
        first[0] = Py_TYPE(sp[-1])
    elif base == ops.SEND:
        first[0] = Py_TYPE(sp[-2])
    elif base != ops.LOAD_GLOBAL:
        first[0] = Py_TYPE(sp[-2])
        second[0] = Py_TYPE(sp[-1])


cdef void count_types(
    SiteTypes *types, PyTypeObject *first, PyTypeObject *second
) noexcept nogil:
    cdef TypesSeen *seen
    cdef int i
    for i in range(MOST_TYPES):
        seen = &types.seen[i]
        if seen.first is NULL:
            Py_INCREF(<PyObject *>first)
            Py_XINCREF(<PyObject *>second)
            seen.first = first
            seen.second = second
        if seen.first is first and seen.second is second:
            seen.count += 1
            return
    types.more += 1


cdef void count_generic(
    CodeState *state, uint16_t *unit, PyObject **sp, int oparg
) noexcept nogil:
    """The base does this execution: a form has missed, or none stands there.

    Not counted under an instrumented opcode: no form could have done it.
    """
    cdef UnitCount *count = &state.rare.counted[unit - state.units]
    cdef int op = unit_op(load_unit(unit))
    cdef PyTypeObject *first
    cdef PyTypeObject *second
    if is_instrumented(op):
        return
    if op != BASES[op]:
        count.misses += 1
        if this_thread is not NULL:
            this_thread.misses[op] += 1
    deciding_types(BASES[op], sp, oparg, &first, &second)
    if first is NULL:
        return
    if count.types is NULL:
        count.types = <SiteTypes *>calloc(1, sizeof(SiteTypes))
    if count.types is not NULL:
        count_types(count.types, first, second)


# -- beside it -------------------------------------------------------------------------

cdef class SiteHistory:
    """What the policy said about one site, and what was executed in between.

    A phase is the time in which one opcode stands there: a form, or the base after a
    refusal for one reason, or at first the base alone.
    """

    cdef int op, reason                     # of the phase; DEFERRED, or a refusal's
    cdef tuple types                        # that the phase's form was committed for
    cdef unsigned long long executions, misses      # when the phase began
    cdef dict spans                 # (op, reason, types) -> [executions, misses]
    cdef readonly int attempts, successes, despecialized, flips
    cdef readonly dict failures             # by reason's name

    def __cinit__(self, int op):
        self.op = op
        self.reason = DEFERRED
        self.types = ()
        self.forget()

    cdef int forget(self) except -1:
        """Nothing has been executed; the phase goes on."""
        self.executions = self.misses = 0
        self.attempts = self.successes = self.despecialized = self.flips = 0
        self.spans = {}
        self.failures = {}
        return 0

    cdef dict with_phase(self, UnitCount *count):
        """The spans, the phase that goes on included."""
        cdef dict spans = {key: list(span) for key, span in self.spans.items()}
        cdef list span = spans.setdefault((self.op, self.reason, self.types), [0, 0])
        span[0] += count.executions - self.executions
        span[1] += count.misses - self.misses
        return spans

    cdef int begin(self, UnitCount *count, int op, int reason, tuple types) except -1:
        """The next phase."""
        self.spans = self.with_phase(count)
        self.executions = count.executions
        self.misses = count.misses
        self.op = op
        self.reason = reason
        self.types = types
        return 0


cdef class CodeCounts:
    """The counts of one code object, which lives as long as they are wanted."""

    cdef CodeState *state                   # NULL once the code has died
    cdef object code                        # strong while counting, else None
    cdef object reference                   # weak
    cdef dict histories                     # SiteHistory by unit
    cdef unsigned long long lowering_ns

    cdef void forget(self) noexcept:
        """All counts are zero; the sites' phases go on."""
        cdef Py_ssize_t i
        for i in range(self.state.length):
            drop_types(&self.state.rare.counted[i])
            self.state.rare.counted[i].executions = 0
            self.state.rare.counted[i].misses = 0
        for history in self.histories.values():
            (<SiteHistory>history).forget()

    cdef SiteHistory history(self, Py_ssize_t unit, int op):
        """The site's history; where nothing is known yet, `op` has always been there.
        """
        found = self.histories.get(unit)
        if found is None:
            found = self.histories[unit] = SiteHistory(op)
        return found


cdef void drop_types(UnitCount *count) noexcept:
    cdef SiteTypes *types = count.types
    cdef int i
    count.types = NULL
    if types is not NULL:
        for i in range(MOST_TYPES):
            Py_XDECREF(<PyObject *>types.seen[i].first)
            Py_XDECREF(<PyObject *>types.seen[i].second)
        free(types)


cdef int begin_code_counts(CodeState *state, code) except -1:
    """Code that is being lowered is counted from now on."""
    global codes_dropped
    cdef CodeCounts kept
    if need_rare(state) is NULL:
        raise MemoryError
    state.rare.counted = <UnitCount *>calloc(state.length, sizeof(UnitCount))
    if state.rare.counted is NULL:
        raise MemoryError
    if len(counted_codes) >= MOST_CODES:
        codes_dropped += 1
        return 0
    kept = CodeCounts.__new__(CodeCounts)
    kept.state = state
    kept.code = code
    kept.reference = weakref(code)
    kept.histories = {}
    counted_codes.append(kept)
    Py_INCREF(<PyObject *>kept)
    state.rare.counts_owner = <void *>kept
    return 0


cdef void end_code_counts(CodeState *state) noexcept:
    """The code dies."""
    cdef Py_ssize_t i
    if state.rare is NULL:
        return
    if state.rare.counted is not NULL:
        for i in range(state.length):
            drop_types(&state.rare.counted[i])
        free(state.rare.counted)
    if state.rare.counts_owner is not NULL:
        (<CodeCounts>state.rare.counts_owner).state = NULL
        Py_DECREF(<PyObject *>state.rare.counts_owner)


cdef void count_lowering(CodeState *state, code, unsigned long long begun) noexcept:
    """The code was lowered or refused, since `begun` in nanoseconds."""
    global lowering_ns
    cdef unsigned long long taken = nanoseconds() - begun
    lowering_ns += taken
    if state.status == READY and state.rare.counts_owner is not NULL:
        (<CodeCounts>state.rare.counts_owner).lowering_ns = taken
    elif state.status == DECLINED and len(declined_codes) < MOST_DECLINED:
        declined_codes.append((
            code.co_filename, code.co_qualname, code.co_firstlineno,
            reasons.TABLE[state.reason].name,
        ))


cdef str type_name(PyTypeObject *kind):
    """`int`, `decimal.Decimal`, `spam.f.<locals>.C`."""
    cdef object found = <object><PyObject *>kind
    module = type.__getattribute__(found, "__module__")
    if isinstance(module, str) and module != "builtins":
        return f"{module}.{found.__qualname__}"
    return found.__qualname__


cdef tuple type_names(PyTypeObject *first, PyTypeObject *second):
    if first is NULL:
        return ()
    if second is NULL:
        return (type_name(first),)
    return type_name(first), type_name(second)


cdef int note_outcome(Site site, int op, int reason) except -1:
    """A form stands there now, or the base for a reason (its number)."""
    cdef CodeState *state = site.state
    cdef Py_ssize_t unit = site.at - state.units
    cdef UnitCount *count = &state.rare.counted[unit]
    cdef PyTypeObject *first
    cdef PyTypeObject *second
    cdef SiteHistory history
    cdef bint had_form
    name_thread(this_thread)
    if state.rare.counts_owner is NULL:
        return 0
    history = (<CodeCounts>state.rare.counts_owner).history(unit, site.op)
    had_form = BASES[history.op] != history.op
    history.attempts += 1
    if reason == DEFERRED:
        history.successes += 1
        history.flips += had_form and history.op != op
        deciding_types(BASES[op], site.sp, site.oparg, &first, &second)
        history.begin(count, op, reason, type_names(first, second))
    else:
        name = reasons.TABLE[reason].name
        history.failures[name] = history.failures.get(name, 0) + 1
        history.despecialized += had_form
        history.begin(count, BASES[op], reason, ())
    return 0


ctypedef int (*note_outcome_type)(Site, int, int) noexcept


cdef void count_outcome(Site site, int op, int reason) noexcept:
    """`note_outcome`; what cannot be noted is not."""
    if (<note_outcome_type>note_outcome)(site, op, reason) < 0:
        PyErr_Clear()


# -- what has been counted -------------------------------------------------------------

cdef int name_thread(ThreadCount *thread) except -1:
    """Asks `threading`, if the program has it, what the thread is called."""
    if thread is NULL or thread.name is not NULL:
        return 0
    threading = modules.get("threading")
    found = getattr(threading, "_active", {}).get(thread.ident)
    if found is None:
        return 0
    name = found.name
    Py_INCREF(<PyObject *>name)
    thread.name = <PyObject *>name
    return 0


cdef dict by_name(unsigned long long *numbers):
    """By instruction, those that are not zero."""
    return {
        row.name: numbers[<int>row.number]
        for row in isa.INSTRUCTIONS if numbers[<int>row.number]
    }


cdef list raw_types(UnitCount *count, dict spans):
    """`(names, count)`, most seen first, and how many had no room."""
    cdef dict counted = {}
    cdef TypesSeen *seen
    cdef int i
    if count.types is not NULL:
        for i in range(MOST_TYPES):
            seen = &count.types.seen[i]
            if seen.first is not NULL:
                names = type_names(seen.first, seen.second)
                counted[names] = counted.get(names, 0) + seen.count
    for (_, _, names), (executions, misses) in spans.items():
        if names:
            counted[names] = counted.get(names, 0) + executions - misses
    return sorted(counted.items(), key=lambda item: -item[1])


cdef int op_without_tools(CodeState *state, Py_ssize_t unit):
    """The opcode at an instruction's unit, or what it stands over for tools."""
    cdef int op = unit_op(load_unit(state.units + unit))
    return (<CodeUnits>state.owner).base_at(unit) if is_instrumented(op) else op


cdef dict raw_site(CodeCounts counts_of, Py_ssize_t unit, list positions):
    """One site as plain data; the keys are those of `adaptive.report.profile.Site`."""
    cdef CodeState *state = counts_of.state
    cdef UnitCount *count = &state.rare.counted[unit]
    cdef int op = op_without_tools(state, unit)
    cdef int host = host_index(state, state.units + unit)
    cdef SiteHistory history = counts_of.history(unit, op)
    cdef dict spans = history.with_phase(count)
    cdef dict forms = {}
    cdef dict unspecialized = {}
    cdef unsigned long long deferred = 0
    for (phase, reason, _), (executions, misses) in spans.items():
        if BASES[<int>phase] != phase:
            form = forms.setdefault(isa.INSTRUCTIONS[phase].name, [0, 0])
            form[0] += executions
            form[1] += misses
        elif reason == DEFERRED:
            deferred += executions
        elif executions:
            name = reasons.TABLE[reason].name
            unspecialized[name] = unspecialized.get(name, 0) + executions
    line, end_line, column, end_column = positions[host]
    return {
        "unit": unit,
        "host_offset": host * sizeof(_Py_CODEUNIT),
        "family": isa.INSTRUCTIONS[BASES[op]].name,
        "form": isa.INSTRUCTIONS[op].name,
        "executions": count.executions,
        "line": line,
        "end_line": end_line,
        "column": column,
        "end_column": end_column,
        "deferred": deferred,
        "unspecialized": unspecialized,
        "forms": forms,
        "attempts": history.attempts,
        "successes": history.successes,
        "failures": dict(history.failures),
        "despecialized": history.despecialized,
        "flips": history.flips,
        "types": raw_types(count, spans),
        "types_more": count.types.more if count.types is not NULL else 0,
    }


cdef dict raw_code(CodeCounts counts_of):
    """One code object as plain data, or None where nothing was executed."""
    cdef CodeState *state = counts_of.state
    cdef list positions, sites = []
    cdef dict lines = {}
    cdef unsigned long long executed, calls = 0, fused = 0, instructions = 0
    cdef Py_ssize_t unit = 0
    cdef int op
    code = counts_of.reference()
    if code is None or state is NULL:
        return None
    positions = list(code.co_positions())
    while unit < state.length:
        op = op_without_tools(state, unit)
        executed = state.rare.counted[unit].executions
        if executed:
            instructions += executed
            line = positions[host_index(state, state.units + unit)][0]
            if line is not None:
                lines[line] = lines.get(line, 0) + executed
            if BASES[op] == ops.RESUME:
                calls += executed
            if op in fused_opcodes:
                fused += executed
            if isa.INSTRUCTIONS[BASES[op]].name in isa.FAMILIES:
                sites.append(raw_site(counts_of, unit, positions))
        unit += 1 + CACHES[op]
    if not instructions:
        return None
    return {
        "file": code.co_filename,
        "name": code.co_qualname,
        "first_line": code.co_firstlineno,
        "units": state.length,
        "calls": calls,
        "instructions": instructions,
        "fused": fused,
        "lowering_ns": counts_of.lowering_ns,
        "lines": lines,
        "sites": sites,
    }


cdef list raw_threads():
    cdef ThreadCount *thread = newest_thread
    cdef list threads = []
    while thread is not NULL:
        name_thread(thread)
        threads.append({
            "name": <object>thread.name if thread.name is not NULL else "",
            "ident": thread.ident,
            "executions": by_name(thread.executions),
            "misses": by_name(thread.misses),
        })
        thread = thread.older
    return threads[::-1]


cdef list raw_pairs():
    """`(first, second, count)`, most seen first."""
    cdef list found = [
        (first.name, second.name, pairs[256 * <int>first.number + <int>second.number])
        for first in isa.INSTRUCTIONS if first.name != "CACHE"
        for second in isa.INSTRUCTIONS
        if pairs[256 * <int>first.number + <int>second.number]
    ]
    return sorted(found, key=lambda pair: -pair[2])


def begin_counting():
    """All counts are zero, and the code objects counted are kept alive from now on.

    Raises RuntimeError in a build that does not count.
    """
    global codes_dropped, lowering_ns
    cdef CodeCounts each
    cdef ThreadCount *thread
    if not ADAPTIVE_STATS:
        raise RuntimeError("this build of the loop does not count")
    memset(&counts, 0, sizeof(counts))
    memset(pairs, 0, 256 * 256 * sizeof(unsigned long long))
    thread = newest_thread
    while thread is not NULL:
        memset(thread.executions, 0, sizeof(thread.executions))
        memset(thread.misses, 0, sizeof(thread.misses))
        thread = thread.older
    lowering_ns = codes_dropped = 0
    declined_codes.clear()
    for each in counted_codes:
        each.code = each.reference()
        if each.code is not None:
            each.forget()
    counted_codes[:] = [each for each in counted_codes if each.code is not None]


def end_counting():
    """What was counted stays to be seen as long as the code objects live."""
    cdef CodeCounts each
    for each in counted_codes:
        each.code = None


def counted():
    """What has been counted since `begin_counting`: dicts, lists, strings and ints.

    The keys are the fields of `adaptive.report.profile`'s classes.
    """
    cdef list codes = []
    for each in counted_codes:
        code = raw_code(each)
        if code is not None:
            codes.append(code)
    return {
        "codes": codes,
        "declined": list(declined_codes),
        "threads": raw_threads(),
        "pairs": raw_pairs(),
        "lowering_ns": lowering_ns,
        "codes_dropped": codes_dropped,
        "counters": counters(),
    }
