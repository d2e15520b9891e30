"""`CodeUnits` and backoff counters as Python sees them, every access checked.

What they are, and the order in which changes become visible, stands in _cache.pxd.
Every method here ends in an inline function from there: there is one implementation.
"""

from cpython.buffer cimport PyBUF_FORMAT, PyBUF_ND, PyBUF_WRITABLE
from cpython.bytes cimport (
    PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
)
from cpython.number cimport PyNumber_Index
from libc.stdint cimport uint8_t, uint16_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free, malloc
from libc.string cimport memcpy, memset

from adaptive cimport _ops as ops

from adaptive import isa

cdef extern from "_atomic.h" nogil:
    void static_assert_ "SLOT_STATIC_ASSERT"(bint condition)

# What the first cache cell is, by the name of its field.
cdef enum:
    NO_CELL
    ADAPTIVE_COUNTER
    JUMP_COUNTER
    BRANCH_HISTORY_CELL

cdef dict FIRST_CELLS = {
    "counter": ADAPTIVE_COUNTER,
    "trace_counter": JUMP_COUNTER,
    "branch_history": BRANCH_HISTORY_CELL,
}

cdef dict ROWS = dict(isa.BY_NUMBER)
cdef char *UNSIGNED_BYTE = "B"
cdef enum:
    UNIT_BYTES = sizeof(uint16_t)

# By opcode, filled once at import.
cdef uint8_t[256] base_of
cdef uint8_t[256] cache_units
cdef uint8_t[256] first_cell
cdef uint8_t[256] reach         # how many units behind it a fused instruction does


cdef int fill_tables() except -1:
    """Raises KeyError for a first cache field that nothing here knows how to begin."""
    cdef int op
    for op in range(256):
        base_of[op] = isa.DEOPT[op]
        cache_units[op] = isa.CACHE_UNITS[op]
        row = ROWS.get(base_of[op])
        fields = row.cache if row is not None else ()
        first_cell[op] = FIRST_CELLS[fields[0].name] if fields else NO_CELL
    for parts, row in isa.FUSED.items():
        op = row.number
        reach[op] = len(parts) - 1
    return 0


cdef void check_layouts() noexcept nogil:
    """S2-17: the build fails when a width or a place differs from CPython 3.14's."""
    static_assert_(sizeof(uint16_t) == 2)
    static_assert_(ops.LOAD_GLOBAL_CACHE == 4)
    static_assert_(ops.LOAD_GLOBAL_MODULE_KEYS_VERSION_CELL == 2)
    static_assert_(ops.LOAD_GLOBAL_BUILTIN_KEYS_VERSION_CELL == 3)
    static_assert_(ops.LOAD_GLOBAL_INDEX_CELL == 4)
    static_assert_(ops.BINARY_OP_CACHE == 5)
    static_assert_(ops.BINARY_OP_EXTERNAL_CELL == 2)
    static_assert_(sizeof(void *) <= sizeof(uint64_t))
    static_assert_(ops.UNPACK_SEQUENCE_CACHE == 1)
    static_assert_(ops.COMPARE_OP_CACHE == 1)
    static_assert_(ops.CONTAINS_OP_CACHE == 1)
    static_assert_(ops.STORE_SUBSCR_CACHE == 1)
    static_assert_(ops.FOR_ITER_CACHE == 1)
    static_assert_(ops.SEND_CACHE == 1)
    static_assert_(ops.LOAD_ATTR_CACHE == 9)
    static_assert_(ops.LOAD_ATTR_TYPE_VERSION_CELL == 2)
    static_assert_(ops.LOAD_ATTR_KEYS_VERSION_CELL == 4)
    static_assert_(ops.LOAD_ATTR_DESCRIPTOR_CELL == 6)
    static_assert_(ops.STORE_ATTR_CACHE == 4)
    static_assert_(ops.STORE_ATTR_TYPE_VERSION_CELL == 2)
    static_assert_(ops.STORE_ATTR_INDEX_CELL == 4)
    static_assert_(ops.CALL_CACHE == 3)
    static_assert_(ops.CALL_FUNCTION_VERSION_CELL == 2)
    static_assert_(ops.CALL_KW_CACHE == 3)
    static_assert_(ops.CALL_KW_FUNCTION_VERSION_CELL == 2)
    static_assert_(ops.TO_BOOL_CACHE == 3)
    static_assert_(ops.TO_BOOL_TYPE_VERSION_CELL == 2)
    static_assert_(ops.JUMP_BACKWARD_CACHE == 1)
    static_assert_(ops.POP_JUMP_IF_FALSE_CACHE == 1)
    static_assert_(ops.POP_JUMP_IF_TRUE_CACHE == 1)
    static_assert_(ops.POP_JUMP_IF_NONE_CACHE == 1)
    static_assert_(ops.POP_JUMP_IF_NOT_NONE_CACHE == 1)


cdef void check_counters() noexcept nogil:
    """The constraints that config states, where the build can hold them."""
    static_assert_(
        ops.COUNTER_MAX_VALUE == (1 << (16 - ops.COUNTER_BACKOFF_BITS)) - 1
    )
    static_assert_(ops.COUNTER_UNREACHABLE == (1 << ops.COUNTER_BACKOFF_BITS) - 1)
    static_assert_((1 << ops.COUNTER_MAX_BACKOFF) - 1 <= ops.COUNTER_MAX_VALUE)
    static_assert_(ops.COUNTER_MAX_BACKOFF < ops.COUNTER_UNREACHABLE)
    static_assert_(ops.SIDE_EXIT_VALUE > ops.COOLDOWN_VALUE)
    static_assert_(ops.JUMP_VALUE > ops.COOLDOWN_VALUE)
    static_assert_(ops.FIRST_INSTRUMENTED <= 256)


check_layouts()
check_counters()
fill_tables()


cdef str name_of(int op):
    row = ROWS.get(op)
    return f"opcode {op}" if row is None else row.name


cdef uint64_t fitting(value, int bits, Py_ssize_t index) except? 0:
    """The value; OverflowError unless it is unsigned and has at most so many bits."""
    cdef object number = PyNumber_Index(value)
    if number < 0 or number.bit_length() > bits:
        # The value itself may be too long to print.
        raise OverflowError(
            f"code unit {index}: the value does not fit {bits} unsigned bits"
        )
    return number


cdef class CodeUnits:
    """The code units of one code object.

    Shape: `units: uint16[n]`, opcode in the low byte, argument in the high byte.
    Units: `index` is a code unit's; `cell` counts an instruction's cache units from 1.
    Ownership: copies what it is made from; owns its block until it dies.
    Raises: ValueError when made from bytes that are not whole units or whose maps
    differ in length; IndexError for an index outside `0 <= index < len` or a cell
    outside the instruction's own; ValueError where no instruction begins, or for a
    cell that is a counter; OverflowError for a value that does not fit.
    Threads: under the interpreter lock; the slots are atomic for who runs without it.
    """

    def __cinit__(self, bytes units not None, bytes host_offsets not None):
        cdef Py_ssize_t size = PyBytes_GET_SIZE(units)
        if size % UNIT_BYTES or size == 0:
            raise ValueError(f"code units: {size} bytes are not whole units")
        if PyBytes_GET_SIZE(host_offsets) != size:
            raise ValueError(
                f"code units: {size} bytes of units, but "
                f"{len(host_offsets)} bytes of host offsets"
            )
        self.units = <uint16_t *>malloc(2 * size)
        if self.units is NULL:
            raise MemoryError
        self.length = size // UNIT_BYTES
        memcpy(self.units, PyBytes_AS_STRING(units), size)
        memcpy(self.units + self.length, PyBytes_AS_STRING(host_offsets), size)

    def __dealloc__(self):
        free(self.units)
        free(self.under)

    def __len__(self):
        return self.length

    # -- what may be accessed

    cdef int base_at(self, Py_ssize_t index) noexcept:
        """The base opcode of the instruction at `index`, instrumented or not."""
        cdef int op = unit_op(load_unit(self.units + index))
        if is_instrumented(op) and self.under is not NULL:
            return self.under[index]
        return base_of[op]

    cdef int remember_bases(self) except -1:
        """Fills `under`, once, while nothing is instrumented yet; 0 where none begins.
        """
        cdef Py_ssize_t index = 0
        cdef uint8_t *bases
        if self.under is not NULL:
            return 0
        bases = <uint8_t *>calloc(self.length, 1)
        if bases is NULL:
            raise MemoryError
        while index < self.length:
            bases[index] = self.base_at(index)
            index += 1 + self.cells(index)
        self.under = bases
        return 0

    cdef Py_ssize_t checked(self, Py_ssize_t index) except -1:
        """The index itself; IndexError outside the units."""
        if not 0 <= index < self.length:
            raise IndexError(
                f"code unit {index} is outside 0..{self.length - 1}"
            )
        return index

    cdef Py_ssize_t cells(self, Py_ssize_t index) noexcept:
        """How many cache cells the instruction at `index` has within the units."""
        cdef Py_ssize_t there = cache_units[self.base_at(index)]
        return min(there, self.length - 1 - index)

    cdef uint16_t *instruction(self, Py_ssize_t index) except NULL:
        """The unit of the instruction that begins at `index`; else raises.

        Where instructions begin never changes, since an opcode is only replaced by
        one of the same base, so the search goes on from the last one found.
        """
        cdef Py_ssize_t at = 0, following
        self.checked(index)
        if self.known <= index:
            at = self.known
        while True:
            following = at + 1 + self.cells(at)
            if following > index:
                break
            at = following
        self.known = at
        if at != index:
            raise ValueError(
                f"code unit {index} is cache cell {index - at} of "
                f"{name_of(unit_op(load_unit(self.units + at)))} at unit {at}"
            )
        return self.units + index

    cdef uint16_t *counted(self, Py_ssize_t index) except NULL:
        """The unit of the instruction at `index`, which has a counter; else raises."""
        cdef uint16_t *unit = self.instruction(index)
        cdef int op = unit_op(load_unit(unit))
        if first_cell[self.base_at(index)] not in (ADAPTIVE_COUNTER, JUMP_COUNTER):
            raise ValueError(f"code unit {index}: {name_of(op)} has no counter")
        if self.cells(index) == 0:
            raise IndexError(
                f"code unit {index}: the counter of {name_of(op)} is outside "
                f"0..{self.length - 1}"
            )
        return unit

    cdef uint16_t *cached(
        self, Py_ssize_t index, Py_ssize_t cell, int width
    ) except NULL:
        """The unit of the instruction at `index`, whose these cells are; else raises.
        """
        cdef uint16_t *unit = self.instruction(index)
        cdef int op = unit_op(load_unit(unit))
        cdef int first = first_cell[self.base_at(index)]
        cdef Py_ssize_t last = self.cells(index)
        if cell < 1 or cell > last - width + 1:
            raise IndexError(
                f"code unit {index}: {width} from cell {cell} on are not within the "
                f"{last} cache cells of {name_of(op)}"
            )
        if cell == 1 and first in (ADAPTIVE_COUNTER, JUMP_COUNTER):
            raise ValueError(
                f"code unit {index}: cell 1 of {name_of(op)} is its counter, which "
                "has an access of its own"
            )
        return unit

    # -- units

    def read_op(self, Py_ssize_t index):
        """The opcode byte of one unit."""
        return unit_op(load_unit(self.units + self.checked(index)))

    def base_op(self, Py_ssize_t index):
        """The base opcode of an instruction: what it is a form of or stands over."""
        self.instruction(index)
        return self.base_at(index)

    def cache_entries(self, Py_ssize_t index):
        """How many cache units follow an instruction: as many as follow its base."""
        self.instruction(index)
        return cache_units[self.base_at(index)]

    def read_arg(self, Py_ssize_t index):
        """The argument byte of one unit."""
        return unit_arg(load_unit(self.units + self.checked(index)))

    def write_arg(self, Py_ssize_t index, arg):
        """Change the argument byte of an instruction; its opcode byte stays."""
        cdef uint16_t *unit = self.instruction(index)
        store_arg(unit, <int>fitting(arg, 8, index))

    def host_offset(self, Py_ssize_t index):
        """The index, in host units, of the unit's host instruction."""
        return self.units[self.length + self.checked(index)]

    def compare_exchange_op(
        self, Py_ssize_t index, Py_ssize_t expected, Py_ssize_t new
    ):
        """Whether the opcode was `expected` and is `new` now; the argument stays.

        False leaves the slot alone: another opcode has come there, or an instrumented
        one.  Raises ValueError if the two do not have the same base, or if `new` is
        instrumented: that is the tools' to set.
        """
        cdef uint16_t *unit = self.instruction(index)
        if not (0 <= expected <= 0xFF and 0 <= new <= 0xFF):
            raise ValueError(
                f"code unit {index}: {expected} and {new} must be opcodes, 0..255"
            )
        if base_of[expected] != base_of[new] or is_instrumented(<int>new):
            raise ValueError(
                f"code unit {index}: {name_of(<int>new)} is no form of "
                f"{name_of(base_of[expected])}"
            )
        return replace_op(unit, <int>expected, <int>new)

    # -- cache cells

    def read_adaptive_counter(self, Py_ssize_t index):
        """The raw counter of the instruction at `index`."""
        return load_counter(self.counted(index))

    def write_adaptive_counter(self, Py_ssize_t index, counter):
        """Set the raw counter of the instruction at `index`."""
        cdef uint16_t *unit = self.counted(index)
        store_counter(unit, <uint16_t>fitting(counter, 16, index))

    def read_cache_u16(self, Py_ssize_t index, Py_ssize_t cell):
        """One cache cell of the instruction at `index`."""
        return load_u16(self.cached(index, cell, 1), <int>cell)

    def read_cache_u32(self, Py_ssize_t index, Py_ssize_t cell):
        """Two cache cells from `cell` on, the low 16 bits first."""
        return load_u32(self.cached(index, cell, 2), <int>cell)

    def read_cache_u64(self, Py_ssize_t index, Py_ssize_t cell):
        """Four cache cells from `cell` on, the low 16 bits first."""
        return load_u64(self.cached(index, cell, 4), <int>cell)

    def write_cache_u16(self, Py_ssize_t index, Py_ssize_t cell, value):
        """Set one cache cell of the instruction at `index`."""
        cdef uint16_t *unit = self.cached(index, cell, 1)
        store_u16(unit, <int>cell, <uint16_t>fitting(value, 16, index))

    def write_cache_u32(self, Py_ssize_t index, Py_ssize_t cell, value):
        """Set two cache cells from `cell` on, the low 16 bits first."""
        cdef uint16_t *unit = self.cached(index, cell, 2)
        store_u32(unit, <int>cell, <uint32_t>fitting(value, 32, index))

    def write_cache_u64(self, Py_ssize_t index, Py_ssize_t cell, value):
        """Set four cache cells from `cell` on, the low 16 bits first."""
        cdef uint16_t *unit = self.cached(index, cell, 4)
        store_u64(unit, <int>cell, fitting(value, 64, index))

    # -- the whole code

    cdef void stamp(self, Py_ssize_t index, uint16_t warmup, uint16_t jump) noexcept:
        """Begin the first cache cell of the instruction at `index`, if it has one."""
        cdef uint16_t *unit = self.units + index
        cdef int op = unit_op(load_unit(unit))
        cdef int first = first_cell[op]
        if is_instrumented(op) or self.cells(index) == 0:
            return
        if first == ADAPTIVE_COUNTER:
            store_counter(unit, warmup)
        elif first == JUMP_COUNTER:
            store_counter(unit, jump)
        elif first == BRANCH_HISTORY_CELL:
            store_u16(unit, 1, ops.BRANCH_HISTORY)

    def quicken(self, bint enabled=True):
        """Begin every counter and branch history; not those of instrumented opcodes.

        Not enabled: no counter can be reached, so nothing ever specializes.
        """
        self.begin(
            counter_warmup() if enabled else counter_unreachable(),
            counter_jump() if enabled else counter_unreachable(),
        )

    cdef void begin(self, uint16_t warmup, uint16_t jump) noexcept:
        """Begin every counter with these, and the branch histories."""
        cdef Py_ssize_t index = 0
        # The last unit is never an instruction with a cache.
        while index < self.length - 1:
            self.stamp(index, warmup, jump)
            index += 1 + self.cells(index)
        slot_fence_release()

    cdef int give_base(self, Py_ssize_t index) noexcept:
        """The opcode that was there; now the base is, unless it is instrumented.

        The cells behind the first are cleared, after the opcode that trusted them has
        gone (M3).  The counter stays.
        """
        cdef uint16_t *unit = self.units + index
        cdef int op = unit_op(load_unit(unit))
        cdef int cell
        while not is_instrumented(op) and not replace_op(unit, op, base_of[op]):
            op = unit_op(load_unit(unit))
        if not is_instrumented(op):
            for cell in range(2, <int>self.cells(index) + 1):
                store_u16(unit, cell, 0)
        return op

    cdef int restore_base(self, Py_ssize_t index) noexcept:
        """`give_base`, and the counter begins anew unless it is unreachable."""
        cdef uint16_t *unit = self.units + index
        cdef int op = self.give_base(index)
        cdef bint counts = first_cell[op] in (ADAPTIVE_COUNTER, JUMP_COUNTER)
        if counts and not is_instrumented(op) and self.cells(index) > 0:
            if not counter_is_unreachable(load_counter(unit)):
                self.stamp(index, counter_warmup(), counter_jump())
        return op

    cdef void unfuse(self, Py_ssize_t index) noexcept:
        """No fused instruction in front does the one at `index` any more.

        Walked from the first unit on: a cache cell may look like any opcode.
        """
        cdef Py_ssize_t at = 0
        cdef int op
        while at < index:
            op = unit_op(load_unit(self.units + at))
            if at + reach[op] >= index:
                replace_op(self.units + at, op, base_of[op])
            at += 1 + self.cells(at)

    def deoptimize_at(self, Py_ssize_t index):
        """Give the instruction at `index` its base opcode, a new counter and no data.

        A branch history and an unreachable counter stay, and no fused instruction does
        it any more.  False if the opcode is instrumented: then all of it stays.
        """
        self.instruction(index)
        self.unfuse(index)
        return not is_instrumented(self.restore_base(index))

    def deoptimize(self):
        """`deoptimize_at` for every instruction; how many were specialized."""
        cdef Py_ssize_t index = 0
        cdef Py_ssize_t specialized = 0
        cdef int op
        while index < self.length:
            op = self.restore_base(index)
            specialized += not is_instrumented(op) and op != base_of[op]
            index += 1 + self.cells(index)
        return specialized

    def original_bytes(self):
        """The units as they were lowered: base opcodes, zero caches, arguments kept."""
        return self.clean_bytes(False)

    cdef bytes clean_bytes(self, bint keep_instrumented):
        """Base opcodes, zero caches, arguments kept; instrumented ones as they are."""
        cdef Py_ssize_t size = self.length * UNIT_BYTES
        cdef bytes clean = PyBytes_FromStringAndSize(NULL, size)
        cdef uint16_t *out = <uint16_t *>PyBytes_AS_STRING(clean)
        cdef Py_ssize_t index = 0
        cdef uint16_t unit
        memset(out, 0, size)
        while index < self.length:
            unit = load_unit(self.units + index)
            out[index] = unit
            if not (keep_instrumented and is_instrumented(unit_op(unit))):
                out[index] = (unit & 0xFF00) | self.base_at(index)
            index += 1 + self.cells(index)
        return clean

    cpdef CodeUnits fresh_copy(self):
        """Units of their own, as these were lowered; instrumented opcodes stay."""
        cdef Py_ssize_t size = self.length * UNIT_BYTES
        cdef CodeUnits copy = CodeUnits(
            self.clean_bytes(True),
            PyBytes_FromStringAndSize(<char *>(self.units + self.length), size),
        )
        if self.under is not NULL:
            copy.under = <uint8_t *>malloc(self.length)
            if copy.under is NULL:
                raise MemoryError
            memcpy(copy.under, self.under, self.length)
        return copy

    def __getbuffer__(self, Py_buffer *view, int flags):
        if flags & PyBUF_WRITABLE:
            raise BufferError("code units are read-only")
        self.shape[0] = self.length * UNIT_BYTES
        view.buf = self.units
        view.obj = self
        view.len = self.shape[0]
        view.readonly = 1
        view.itemsize = 1
        view.format = UNSIGNED_BYTE if flags & PyBUF_FORMAT else NULL
        view.ndim = 1
        view.shape = self.shape if flags & PyBUF_ND else NULL
        view.strides = NULL
        view.suboffsets = NULL
        view.internal = NULL

    def __releasebuffer__(self, Py_buffer *view):
        pass


# -- backoff counters


def make_counter(value, backoff):
    """The raw counter with this value and backoff.  ValueError if one is too large."""
    cdef object passes = PyNumber_Index(value)
    cdef object distance = PyNumber_Index(backoff)
    if not 0 <= passes <= ops.COUNTER_MAX_VALUE:
        raise ValueError(f"counter: the value must be 0..{ops.COUNTER_MAX_VALUE}")
    if not 0 <= distance <= ops.COUNTER_UNREACHABLE:
        raise ValueError(f"counter: the backoff must be 0..{ops.COUNTER_UNREACHABLE}")
    return counter_make(passes, distance)


def forge_counter(raw):
    """The counter that has these 16 bits.  OverflowError if there are more."""
    cdef object bits = PyNumber_Index(raw)
    if not 0 <= bits <= 0xFFFF:
        raise OverflowError("counter: the raw value does not fit 16 unsigned bits")
    return bits


def split_counter(raw):
    """The counter's value and backoff."""
    cdef uint16_t counter = forge_counter(raw)
    return counter_value(counter), counter_backoff(counter)


def advance_counter(raw):
    """The counter with one execution less to let pass."""
    return counter_advance(forge_counter(raw))


def triggers(raw):
    """Whether the counter says that now is the time for an attempt."""
    return counter_triggers(forge_counter(raw))


def is_unreachable(raw):
    """Whether the counter never triggers, however often it is advanced."""
    return counter_is_unreachable(forge_counter(raw))


def restart_counter(raw):
    """The counter after a failed attempt.  ValueError if it is unreachable."""
    cdef uint16_t counter = forge_counter(raw)
    if counter_is_unreachable(counter):
        raise ValueError(f"counter {counter} is unreachable and cannot be restarted")
    return counter_restart(counter)


def miss_counter(raw):
    """The counter after a form was given up.  ValueError if it is unreachable."""
    cdef uint16_t counter = forge_counter(raw)
    if counter_is_unreachable(counter):
        raise ValueError(f"counter {counter} is unreachable and cannot be restarted")
    return counter_after_miss(counter)


def pause_counter(raw):
    """The counter put off by one execution, if its value is even."""
    return counter_pause(forge_counter(raw))


#: Raw counters as config declares them.
WARMUP = counter_warmup()
COOLDOWN = counter_cooldown()
JUMP = counter_jump()
SIDE_EXIT = counter_side_exit()
UNREACHABLE = counter_unreachable()
