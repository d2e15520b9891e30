"""Code units: the buffer that the loop runs from, and how its parts are accessed.

Owns: what a unit, an inline cache and a backoff counter are in memory, and the order in
which they become visible.  Does not own: which form a site gets and when
(specializer), which instruction has which cache (isa).  The loop and its families call
the inline functions here, which check nothing; Python calls `CodeUnits`, which checks
every access before it calls the same functions.

A code unit is 16 bits: the opcode in the low byte, the argument in the high byte.  An
instruction's cache cells are the units behind it and are numbered from 1: cell k of the
instruction at unit u is unit u + k, and cell 1 of an adaptive instruction is its
counter.  A value of several cells has its low 16 bits in the first of them.  Behind the
units lie, in the same block, as many 16-bit host indices: `units[length + u]` is the
index of the host unit that executes while unit `u` does.  So the loop finds both with
one pointer.

Memory order.  Each slot is an atomic of its own; nothing is wider than a slot.

M1  An opcode is loaded with acquire (`load_unit`) and changed only by compare-exchange
    with release (`replace_op`).  Opcode and argument share a slot, so that a change of
    one can never undo a change of the other.
M2  Caches are written before the opcode that trusts them.  Their accesses are relaxed:
    a thread that has seen the opcode (M1) sees what was written before it.
M3  Several cells are never written at once, so a reader could see half of a value.
    Hence caches that a form trusts are not overwritten under that form: the base
    opcode goes in first, then the cells, then the form.  That holds for whoever loads
    the opcode afterwards; a reader that has loaded the form already is kept out by
    the interpreter lock, or by running its thread's own copy.
    The loop, which always holds that lock, reads such a value by one load
    (`cached_u32`, `cached_u64`); all others read it slot by slot.
M4  Counters are relaxed.  A lost step delays an attempt by one execution and changes no
    result; nothing else is ordered by a counter.
M5  An instrumented opcode belongs to the tools: `replace_op` refuses it, and whoever is
    refused leaves the counter and the cells as they are.  The tools in turn change an
    opcode by compare-exchange as well (`put_op`), so that neither loses the other's
    change.  What stands under an instrumented opcode is its base, or, where it may
    stand over any, what `CodeUnits.under` says: written once, before the first one.
M6  `CodeUnits.quicken` ends with a release fence, so that a thread that sees a flag set
    after it sees the counters.

Backoff counters.  16 bits: the executions to let pass in the high 12, the backoff in
the low 4.  They count down; at value 0 the site makes an attempt.  A failure restarts
the counter with twice the distance, up to 2**12 - 1.  A counter of backoff 15 is
unreachable: counting down never changes its low bits, so it never triggers.  Where
counters start is declared in config.  Source: CPython 3.14, pycore_backoff.h.
"""

from libc.stdint cimport uint8_t, uint16_t, uint32_t, uint64_t

from adaptive cimport _ops as ops

cdef extern from "_atomic.h" nogil:
    uint16_t slot_load_acquire(const uint16_t *slot)
    uint16_t slot_load_relaxed(const uint16_t *slot)
    uint8_t slot_low_acquire(const uint16_t *slot)
    uint8_t slot_high_relaxed(const uint16_t *slot)
    uint32_t slots_read_u32(const uint16_t *slot)
    uint64_t slots_read_u64(const uint16_t *slot)
    void slot_store_relaxed(uint16_t *slot, uint16_t value)
    bint slot_compare_exchange(uint16_t *slot, uint16_t *seen, uint16_t value)
    void slot_fence_release()
    void debug_assert "assert"(bint condition)    # only with ADAPTIVE_DEBUG=1


# -- units

cdef inline int unit_op(int unit) noexcept nogil:
    return unit & 0xFF

cdef inline int unit_arg(int unit) noexcept nogil:
    return unit >> 8

cdef inline uint16_t load_unit(const uint16_t *unit) noexcept nogil:
    """Opcode and argument.  Acquire: pairs with `replace_op`."""
    return slot_load_acquire(unit)

cdef inline int load_op(const uint16_t *unit) noexcept nogil:
    """The opcode alone.  Acquire: pairs with `replace_op`."""
    return slot_low_acquire(unit)

cdef inline int load_arg(const uint16_t *unit) noexcept nogil:
    """The argument alone, after `load_op` of the same unit.  Readers hold the
    interpreter lock, as `store_arg` does: the two belong together."""
    return slot_high_relaxed(unit)

cdef inline bint is_instrumented(int op) noexcept nogil:
    return op >= ops.FIRST_INSTRUMENTED

cdef inline bint replace_op(uint16_t *unit, int expected, int op) noexcept nogil:
    """Whether the opcode was `expected` and is `op` now; the argument stays.

    False leaves the slot alone: another opcode is there, or an instrumented one, even
    if that is the expected one.  Release: pairs with `load_unit`.
    """
    cdef uint16_t seen = slot_load_relaxed(unit)
    while unit_op(seen) == expected and not is_instrumented(expected):
        if slot_compare_exchange(unit, &seen, (seen & 0xFF00) | <uint16_t>op):
            return True
    return False

cdef inline void put_op(uint16_t *unit, int op) noexcept nogil:
    """The opcode is `op` now, whatever it was; for the tools.  The argument stays."""
    cdef uint16_t seen = slot_load_relaxed(unit)
    while not slot_compare_exchange(unit, &seen, (seen & 0xFF00) | <uint16_t>op):
        pass

cdef inline void store_arg(uint16_t *unit, int arg) noexcept nogil:
    """The opcode stays, whichever it is by then.  Pairs with `load_unit`."""
    cdef uint16_t seen = slot_load_relaxed(unit)
    while not slot_compare_exchange(
        unit, &seen, <uint16_t>(arg << 8) | (seen & 0xFF)
    ):
        pass


# -- cache cells: `unit` is the instruction's, `cell` counts from 1.  Relaxed (M2).

cdef inline uint16_t load_u16(const uint16_t *unit, int cell) noexcept nogil:
    return slot_load_relaxed(unit + cell)

cdef inline uint32_t load_u32(const uint16_t *unit, int cell) noexcept nogil:
    return load_u16(unit, cell) | <uint32_t>load_u16(unit, cell + 1) << 16

cdef inline uint64_t load_u64(const uint16_t *unit, int cell) noexcept nogil:
    return load_u32(unit, cell) | <uint64_t>load_u32(unit, cell + 2) << 32

cdef inline void store_u16(uint16_t *unit, int cell, uint16_t value) noexcept nogil:
    slot_store_relaxed(unit + cell, value)

cdef inline void store_u32(uint16_t *unit, int cell, uint32_t value) noexcept nogil:
    store_u16(unit, cell, <uint16_t>value)
    store_u16(unit, cell + 1, <uint16_t>(value >> 16))

cdef inline void store_u64(uint16_t *unit, int cell, uint64_t value) noexcept nogil:
    store_u32(unit, cell, <uint32_t>value)
    store_u32(unit, cell + 2, <uint32_t>(value >> 32))

# What a form of the loop reads, given the unit *behind* the instruction's: M3 says why
# one load is enough.

cdef inline uint16_t cached_u16(const uint16_t *next, int cell) noexcept nogil:
    return load_u16(next - 1, cell)

cdef inline uint32_t cached_u32(const uint16_t *next, int cell) noexcept nogil:
    return slots_read_u32(next - 1 + cell)

cdef inline uint64_t cached_u64(const uint16_t *next, int cell) noexcept nogil:
    return slots_read_u64(next - 1 + cell)

# Apart from the cells, so that no cell access can become a counter's by accident.

cdef inline uint16_t load_counter(const uint16_t *unit) noexcept nogil:
    return slot_load_relaxed(unit + 1)

cdef inline void store_counter(uint16_t *unit, uint16_t counter) noexcept nogil:
    slot_store_relaxed(unit + 1, counter)


# -- backoff counters: pure functions of 16 bits

cdef inline uint16_t counter_make(int value, int backoff) noexcept nogil:
    debug_assert(0 <= value <= ops.COUNTER_MAX_VALUE)
    debug_assert(0 <= backoff <= ops.COUNTER_UNREACHABLE)
    return <uint16_t>(value << ops.COUNTER_BACKOFF_BITS | backoff)

cdef inline int counter_value(uint16_t counter) noexcept nogil:
    return counter >> ops.COUNTER_BACKOFF_BITS

cdef inline int counter_backoff(uint16_t counter) noexcept nogil:
    return counter & ((1 << ops.COUNTER_BACKOFF_BITS) - 1)

cdef inline bint counter_is_unreachable(uint16_t counter) noexcept nogil:
    """Whatever its value: counting down has moved only that."""
    return counter_backoff(counter) == ops.COUNTER_UNREACHABLE

cdef inline uint16_t counter_advance(uint16_t counter) noexcept nogil:
    """One execution less to let pass.  From value 0 it wraps; the backoff stays."""
    return <uint16_t>(counter - (1 << ops.COUNTER_BACKOFF_BITS))

cdef inline bint counter_triggers(uint16_t counter) noexcept nogil:
    """Value 0 and reachable: one comparison, as the backoff is in the low bits."""
    return counter < ops.COUNTER_UNREACHABLE

cdef inline uint16_t counter_restart(uint16_t counter) noexcept nogil:
    """Twice the distance, up to the largest.  Not for an unreachable counter."""
    cdef int backoff = counter_backoff(counter) + 1
    debug_assert(not counter_is_unreachable(counter))
    if backoff > ops.COUNTER_MAX_BACKOFF:
        backoff = ops.COUNTER_MAX_BACKOFF
    return counter_make((1 << backoff) - 1, backoff)

cdef inline uint16_t counter_after_miss(uint16_t counter) noexcept nogil:
    """What a form gets that missed and was given up: the next longer wait."""
    return counter_restart(counter)

cdef inline uint16_t counter_pause(uint16_t counter) noexcept nogil:
    """One more execution to let pass if the value is even; an odd value stays."""
    return counter | 1 << ops.COUNTER_BACKOFF_BITS

cdef inline uint16_t counter_warmup() noexcept nogil:
    return counter_make(ops.WARMUP_VALUE, ops.WARMUP_BACKOFF)

cdef inline uint16_t counter_cooldown() noexcept nogil:
    return counter_make(ops.COOLDOWN_VALUE, ops.COOLDOWN_BACKOFF)

cdef inline uint16_t counter_jump() noexcept nogil:
    return counter_make(ops.JUMP_VALUE, ops.JUMP_BACKOFF)

cdef inline uint16_t counter_side_exit() noexcept nogil:
    return counter_make(ops.SIDE_EXIT_VALUE, ops.SIDE_EXIT_BACKOFF)

cdef inline uint16_t counter_unreachable() noexcept nogil:
    return counter_make(0, ops.COUNTER_UNREACHABLE)


cdef class CodeUnits:
    """The code units of one code object; owns the block, which never moves."""
    cdef uint16_t *units
    cdef Py_ssize_t length
    cdef Py_ssize_t shape[1]
    cdef Py_ssize_t known       # the instruction found last: where the search begins
    cdef uint8_t *under         # base opcode by unit; NULL before tools ask for events

    cdef int base_at(self, Py_ssize_t index) noexcept
    cdef int remember_bases(self) except -1
    cdef Py_ssize_t checked(self, Py_ssize_t index) except -1
    cdef Py_ssize_t cells(self, Py_ssize_t index) noexcept
    cdef uint16_t *instruction(self, Py_ssize_t index) except NULL
    cdef uint16_t *counted(self, Py_ssize_t index) except NULL
    cdef uint16_t *cached(
        self, Py_ssize_t index, Py_ssize_t cell, int width
    ) except NULL
    cdef void begin(self, uint16_t warmup, uint16_t jump) noexcept
    cdef void stamp(self, Py_ssize_t index, uint16_t warmup, uint16_t jump) noexcept
    cdef bytes clean_bytes(self, bint keep_instrumented)
    cpdef CodeUnits fresh_copy(self)
    cdef void unfuse(self, Py_ssize_t index) noexcept
    cdef int give_base(self, Py_ssize_t index) noexcept
    cdef int restore_base(self, Py_ssize_t index) noexcept
