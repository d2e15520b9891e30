# Instrumented opcodes put over code units, and taken away.  Text of _core.pyx.
#
# What tools ask for is put into all code at once, and into every thread's copy of it,
# while the lock is held: frames that run see it at their next instruction, and code
# that nobody watches has nothing to look at.  `Watch` says which tools are told what at
# which unit; the opcodes follow from it (`settle`), and never the other way round.
# Source: instrumentation.c of CPython 3.12 and 3.13.

from libc.string cimport memcpy

from os import sep
from os.path import dirname

cdef CodeState *first_listed = NULL
cdef str OWN_DIRECTORY = dirname(isa.__file__) + sep

# By base opcode.
cdef int[256] OWN_EVENTS        # of the instruction; -1: none.  RESUME has two.
cdef int[256] OVER              # the instrumented opcode; 0: none
cdef bint[256] LEAVES_NO_TRACE  # a jump that need not sync


cdef int init_instrumented() except -1:
    """Fills the tables; the two marks are made here."""
    global disable_mark, missing_mark
    cdef object mark
    for number in range(256):
        row = isa.BY_NUMBER.get(number)
        if row is not None:
            JUMP_FLAGS[<int>number] = row.flags & (ops.FLAG_JUMP | ops.FLAG_BACK)
        OWN_EVENTS[<int>number] = -1
    for name, row in isa.INSTRUMENTED.items():
        OVER[<int>isa.NUMBER[name]] = row.number
        if isa.TELLS[name][0] != "STOP_ITERATION":
            event = isa.EVENTS.index(isa.TELLS[name][0])
            OWN_EVENTS[<int>isa.NUMBER[name]] = event
    for op in (
        ops.POP_JUMP_IF_FALSE, ops.POP_JUMP_IF_TRUE, ops.POP_JUMP_IF_NONE,
        ops.POP_JUMP_IF_NOT_NONE, ops.JUMP_FORWARD, ops.FOR_ITER,
    ):
        LEAVES_NO_TRACE[<int>op] = True
    for i, name in enumerate(EVENT_BYTES):
        EVENT_TEXTS[<int>i] = <const char *><bytes>name
    mark = object()
    Py_INCREF(<PyObject *>mark)
    disable_mark = <PyObject *>mark
    mark = object()
    Py_INCREF(<PyObject *>mark)
    missing_mark = <PyObject *>mark
    return 0


cdef list EVENT_BYTES = [name.encode() for name in isa.EVENTS]     # owns EVENT_TEXTS


cdef inline int own_event(int base, int oparg) noexcept nogil:
    """What an instruction tells, or -1."""
    if base == ops.RESUME:
        return ops.EVENT_PY_RESUME if oparg else ops.EVENT_PY_START
    return OWN_EVENTS[base]


# -- all code that is lowered, or that a tool has asked about

cdef void enlist(CodeState *state) noexcept:
    global first_listed
    if state.is_listed:
        return
    state.is_listed = True
    state.before = NULL
    state.after = first_listed
    if first_listed is not NULL:
        first_listed.before = state
    first_listed = state


cdef void delist(CodeState *state) noexcept:
    """Takes it out of the list, if it is there."""
    global first_listed
    if not state.is_listed:
        return
    if state.after is not NULL:
        state.after.before = state.before
    if state.before is not NULL:
        state.before.after = state.after
    else:
        first_listed = state.after


# -- what is known of the code

cdef Watch *watch_of(CodeState *state) except NULL:
    """The code's record of what tools ask for, made if need be; its copies share it."""
    cdef Py_ssize_t index
    if state.watch is NULL:
        state.watch = <Watch *>calloc(1, sizeof(Watch))
        if state.watch is NULL:
            raise MemoryError
        for index in range(copy_room(state)):
            if state.rare.copies.by_index[index] is not NULL:
                state.rare.copies.by_index[index].watch = state.watch
        enlist(state)
    return state.watch


cdef inline bint is_prepared(CodeState *state) noexcept:
    """Whether something has been instrumented in the code at any time."""
    return state.watch is not NULL and state.watch.marks is not NULL


cdef void free_watch(Watch *watch) noexcept:
    if watch is not NULL:
        free(watch.marks)
        free(watch.lines)
        free(watch)


cdef size_t memory_of_watch(CodeState *state) noexcept:
    """Bytes kept for tools; with the bases that the CodeUnits keeps for them."""
    cdef Watch *watch = state.watch
    if watch is NULL:
        return 0
    if watch.marks is NULL:
        return sizeof(Watch)
    return (
        sizeof(Watch) + state.length * (1 + sizeof(Mark))
        + watch.host_length * sizeof(int)
    )


cdef int prepare(CodeState *state) except -1:
    """The arrays of a code object that is about to be instrumented the first time."""
    cdef Watch *watch = state.watch
    cdef CodeUnits units = <CodeUnits>state.owner
    cdef Py_ssize_t count = Py_SIZE(<PyObject *>state.code)
    cdef int *lines
    cdef Mark *marks
    cdef Py_ssize_t index
    units.remember_bases()
    for index in range(copy_room(state)):
        if state.rare.copies.by_index[index] is not NULL:
            (<CodeUnits>state.rare.copies.by_index[index].owner).remember_bases()
    lines = <int *>malloc(count * sizeof(int))
    marks = <Mark *>calloc(state.length, sizeof(Mark))
    if lines is NULL or marks is NULL:
        free(lines)
        free(marks)
        raise MemoryError
    host_fill_lines(state.code, lines, count)
    watch.bases = units.under
    watch.lines = lines
    watch.host_length = count
    watch.marks = marks
    mark_beginnings(state)
    mark_targets(state)
    return 0


cdef void mark_beginnings(CodeState *state) noexcept:
    """Which units begin a host instruction, and which another line than before them."""
    cdef Watch *watch = state.watch
    cdef Py_ssize_t unit = 0
    cdef Py_ssize_t first = unit_of(state, host_first_traceable(state.code))
    cdef int host, base, line, host_before = -1, line_before = -1
    while unit < state.length:
        base = watch.bases[unit]
        host = host_index(state, state.units + unit)
        if base != ops.EXTENDED_ARG:
            if host != host_before and unit >= first:
                line = watch.lines[host]
                if base == ops.RESUME:
                    # What begins a call is on a line of its own, whichever that is.
                    line_before = line if unit_arg(state.units[unit]) else -1
                else:
                    watch.marks[unit].spot = BEGINS
                    if line >= 0 and line != line_before:
                        watch.marks[unit].spot |= FALLS_ON_LINE | MAY_BEGIN_LINE
                    line_before = line
            host_before = host
        unit += 1 + CACHES[base]


cdef void mark_target(CodeState *state, uint16_t *to, int flag) noexcept:
    """A jump or an exception leads to the unit."""
    cdef Py_ssize_t unit = to - state.units
    cdef Watch *watch = state.watch
    while unit < state.length and watch.bases[unit] == ops.EXTENDED_ARG:
        unit += 1
    if unit < state.length and watch.marks[unit].spot & BEGINS:
        watch.marks[unit].spot |= flag
        if watch.lines[host_index(state, state.units + unit)] >= 0:
            watch.marks[unit].spot |= MAY_BEGIN_LINE


cdef void mark_targets(CodeState *state) noexcept:
    """Where another line may begin because of how one comes there."""
    cdef Py_ssize_t unit = 0
    cdef int base, i
    while unit < state.length:
        base = state.watch.bases[unit]
        if JUMP_FLAGS[base] & ops.FLAG_JUMP:
            mark_target(state, jump_target(state, state.units + unit), 0)
        unit += 1 + CACHES[base]
    for i in range(state.handler_count):
        mark_target(state, state.units + state.handlers[i].target, IS_HANDLER)


# -- opcodes

cdef int opcode_for(CodeState *state, Py_ssize_t unit) noexcept nogil:
    """What has to stand at the instruction's unit: the base, or instrumented."""
    cdef Watch *watch = state.watch
    cdef Mark *mark = &watch.marks[unit]
    cdef int base = watch.bases[unit]
    if mark.tools[LINE_SLOT]:
        return ops.INSTRUMENTED_LINE
    if mark.tools[INSTRUCTION_SLOT]:
        return ops.INSTRUMENTED_INSTRUCTION
    if (
        mark.tools[OWN_SLOT] or mark.tools[STOP_SLOT]
        or (watch.with_line and LEAVES_NO_TRACE[base])
        or (watch.placed_raise and (base == ops.FOR_ITER or base == ops.SEND))
    ):
        return OVER[base]
    return base


cdef void begin_counter(CodeState *state, Py_ssize_t unit) noexcept:
    """The instruction may warm up from now on, if its code has begun to at all."""
    if state.quickened:
        (<CodeUnits>state.owner).stamp(
            unit,
            warmup_counter if specializing else counter_unreachable(),
            counter_jump() if specializing else counter_unreachable(),
        )


cdef int place_opcode(CodeState *state, Py_ssize_t unit) noexcept:
    """Puts the opcode there that has to be; a form may stay where the base could.

    How many instrumented ones there are more in these units: 1, 0 or -1.
    """
    cdef CodeUnits units = <CodeUnits>state.owner
    cdef int op = unit_op(load_unit(state.units + unit))
    cdef int wanted = opcode_for(state, unit)
    cdef int more = is_instrumented(wanted) - is_instrumented(op)
    if is_instrumented(wanted):
        if more:
            units.unfuse(unit)
            units.give_base(unit)
        put_op(state.units + unit, wanted)
    elif more:
        put_op(state.units + unit, wanted)
        begin_counter(state, unit)
    return more


cdef void place(CodeState *state, Py_ssize_t unit) noexcept:
    """The same in the main copy, which `state` is, and in those of threads."""
    cdef Py_ssize_t index
    state.watch.instrumented += place_opcode(state, unit)
    for index in range(copy_room(state)):
        if state.rare.copies.by_index[index] is not NULL:
            place_opcode(state.rare.copies.by_index[index], unit)


cdef int settle_units(CodeState *state) noexcept:
    """In one copy every form gives way to its base, with what it cached; then all is
    placed.  How many instrumented opcodes there are more.
    """
    cdef Watch *watch = state.watch
    cdef CodeUnits units = <CodeUnits>state.owner
    cdef Py_ssize_t unit = 0
    cdef int op, more = 0
    while unit < state.length:
        op = unit_op(load_unit(state.units + unit))
        if not is_instrumented(op) and op != watch.bases[unit]:
            units.give_base(unit)
            begin_counter(state, unit)
        unit += 1 + CACHES[watch.bases[unit]]
    unit = 0
    while unit < state.length:
        more += place_opcode(state, unit)
        unit += 1 + CACHES[watch.bases[unit]]
    return more


cdef void fuse_again(CodeState *state) noexcept:
    """Without tools pairs are fused again in these units."""
    if state.watch.instrumented == 0 and state.quickened and fusing:
        fuse(state)


cdef void settle(CodeState *state) noexcept:
    """Puts all opcodes where they have to be, in the main copy and in the others."""
    cdef Watch *watch = state.watch
    cdef Py_ssize_t unit = 0, index
    watch.with_line = 0
    while unit < state.length:
        watch.with_line += watch.marks[unit].tools[LINE_SLOT] != 0
        unit += 1 + CACHES[watch.bases[unit]]
    watch.instrumented += settle_units(state)
    fuse_again(state)
    for index in range(copy_room(state)):
        if state.rare.copies.by_index[index] is not NULL:
            settle_units(state.rare.copies.by_index[index])
            fuse_again(state.rare.copies.by_index[index])


ctypedef void (*forget_tools_type)(
    CodeState *, Py_ssize_t, int, unsigned int
) noexcept nogil


cdef void forget_tools(
    CodeState *state, Py_ssize_t unit, int slot, unsigned int gone
) noexcept:
    """These tools are not told here any more, until events are restarted.

    Whichever copy they were told from: it holds for all.
    """
    cdef Mark *mark = &state.watch.marks[unit]
    cdef bint had = mark.tools[slot] != 0
    mark.tools[slot] &= ~gone
    if mark.tools[slot] or not had:
        return
    state = state_of(state.code)
    if slot == LINE_SLOT:
        state.watch.with_line -= 1
    place(state, unit)
    # Without lines no jump need leave a trace; without tools pairs are fused again.
    if slot == LINE_SLOT and state.watch.with_line == 0 or (
        state.watch.instrumented == 0
    ):
        settle(state)


# -- what is asked for

cdef void change_tools(
    CodeState *state, Py_ssize_t unit, uint8_t *added, uint8_t *removed
) noexcept:
    """Which tools are told what at one unit."""
    cdef Mark *mark = &state.watch.marks[unit]
    cdef int base = state.watch.bases[unit]
    cdef int[SLOT_COUNT] events
    cdef int slot, event
    events[LINE_SLOT] = ops.EVENT_LINE if mark.spot & MAY_BEGIN_LINE else -1
    events[INSTRUCTION_SLOT] = ops.EVENT_INSTRUCTION if mark.spot & BEGINS else -1
    events[OWN_SLOT] = own_event(base, unit_arg(state.units[unit]))
    events[STOP_SLOT] = -1
    if base == ops.FOR_ITER or base == ops.SEND:
        events[STOP_SLOT] = ops.EVENT_STOP_ITERATION
    if base == ops.JUMP_BACKWARD and not mark.spot & BEGINS:
        # The second half of a conditional jump back, which is a branch.
        events[OWN_SLOT] = -1
    for slot in range(SLOT_COUNT):
        event = events[slot]
        if event >= 0:
            mark.tools[slot] = (mark.tools[slot] & ~removed[event]) | added[event]


cdef int apply_events(CodeState *state, bint again) except -1:
    """The code tells what tools ask for now; with `again`, also what was disabled."""
    cdef uint8_t[ops.LOCAL_EVENT_COUNT] wanted, added, removed
    cdef bint any_wanted = False, changed
    cdef bint raises = global_tools[<int>ops.EVENT_RAISE] != 0
    cdef Py_ssize_t unit = 0
    cdef int event
    cdef Watch *watch
    if state.owner is NULL or state.is_own or (state.watch is NULL and not watching):
        return 0
    watch = watch_of(state)
    changed = watch.placed_raise != raises
    for event in range(ops.LOCAL_EVENT_COUNT):
        wanted[event] = watch.asked[event] | global_tools[event]
        added[event] = wanted[event] if again else wanted[event] & ~watch.placed[event]
        removed[event] = watch.placed[event] & ~wanted[event]
        changed |= added[event] or removed[event]
    if not changed:
        return 0
    if watch.marks is NULL:
        prepare(state)
    watch.placed_raise = raises
    memcpy(watch.placed, wanted, sizeof(wanted))
    while unit < state.length:
        change_tools(state, unit, added, removed)
        unit += 1 + CACHES[watch.bases[unit]]
    settle(state)
    return 0


cdef int apply_everywhere(bint again) except -1:
    """The same for all code."""
    cdef CodeState *state = first_listed
    while state is not NULL:
        apply_events(state, again)
        state = state.after
    return 0
