# cython: language_level=3
"""The C-level accessors of _cache.pxd, for tests: built by them, with assertions on.

Everything here runs without the interpreter lock, so that two threads really race.
"""

from libc.stdint cimport uint16_t

from adaptive cimport _ops as ops
from adaptive._cache cimport (
    CodeUnits, counter_restart, is_instrumented, load_counter, load_u16, load_u32,
    load_u64, load_unit, replace_op, store_arg, store_counter, store_u16, store_u32,
    store_u64, unit_arg, unit_op
)

cdef enum:
    BASE = ops.LOAD_GLOBAL
    SITE_UNITS = 1 + ops.LOAD_GLOBAL_CACHE
    VERSION_CELL = ops.LOAD_GLOBAL_MODULE_KEYS_VERSION_CELL
    INDEX_CELL = ops.LOAD_GLOBAL_INDEX_CELL

base, site_units = BASE, SITE_UNITS


def restart(int counter):
    """counter_restart with its assertion."""
    return counter_restart(<uint16_t>counter)


def replace(CodeUnits units, Py_ssize_t index, int expected, int op):
    """replace_op, unchecked."""
    return replace_op(units.units + index, expected, op)


def instrumented(int op):
    return is_instrumented(op)


def round_trip(CodeUnits units, Py_ssize_t index, int cell, unsigned long long value):
    """The value through each width, then what is read back."""
    cdef uint16_t *unit = units.units + index
    store_u64(unit, cell, value)
    wide = load_u64(unit, cell)
    store_u32(unit, cell, <unsigned int>value)
    middle = load_u32(unit, cell)
    store_u16(unit, cell, <uint16_t>value)
    return wide, middle, load_u16(unit, cell)


def count(CodeUnits units, Py_ssize_t index, int counter):
    store_counter(units.units + index, <uint16_t>counter)
    return load_counter(units.units + index)


def specialize_sites(CodeUnits units, int form, long passes):
    """At each site that is generic: caches, then the form.  Waits for generic sites."""
    cdef long turn
    cdef Py_ssize_t at
    cdef uint16_t *unit
    with nogil:
        for turn in range(passes):
            for at in range(units.length // SITE_UNITS):
                unit = units.units + at * SITE_UNITS
                while unit_op(load_unit(unit)) != BASE:
                    pass
                store_u32(unit, VERSION_CELL, <unsigned int>(turn * 0x10001 + at))
                store_u16(unit, INDEX_CELL, <uint16_t>(turn ^ at))
                replace_op(unit, BASE, form)


def read_sites(CodeUnits units, int form, long passes):
    """How many sites had a form whose caches were not the ones written for it."""
    cdef long turn, stale = 0
    cdef Py_ssize_t at
    cdef uint16_t *unit
    with nogil:
        for turn in range(passes):
            for at in range(units.length // SITE_UNITS):
                unit = units.units + at * SITE_UNITS
                while unit_op(load_unit(unit)) != form:
                    pass
                stale += (
                    load_u32(unit, VERSION_CELL) != <unsigned int>(turn * 0x10001 + at)
                    or load_u16(unit, INDEX_CELL) != <uint16_t>(turn ^ at)
                )
                replace_op(unit, form, BASE)
    return stale


def commit_all(CodeUnits units, int op):
    """How many sites this thread won."""
    cdef long won = 0
    cdef Py_ssize_t at
    with nogil:
        for at in range(units.length // SITE_UNITS):
            won += replace_op(units.units + at * SITE_UNITS, BASE, op)
    return won


def number_all(CodeUnits units, int arg):
    """Sets every site's argument, again and again while others commit."""
    cdef Py_ssize_t at
    cdef int _again
    with nogil:
        for _again in range(20):
            for at in range(units.length // SITE_UNITS):
                store_arg(units.units + at * SITE_UNITS, arg)


def arguments(CodeUnits units):
    cdef Py_ssize_t at
    return {
        unit_arg(load_unit(units.units + at * SITE_UNITS))
        for at in range(units.length // SITE_UNITS)
    }
