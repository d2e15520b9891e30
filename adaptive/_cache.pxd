"""Code units: the buffer that the loop runs from, and how its parts are read.

A code unit is 16 bits: the opcode in the low byte, the argument in the high byte.
Behind the units lie, in the same block, as many 16-bit host indices:
`units[length + u]` is the index of the host unit that executes while unit `u` does.
So the loop finds both with one pointer.
"""

from libc.stdint cimport uint16_t

cdef inline int unit_op(uint16_t unit) noexcept nogil:
    return unit & 0xFF

cdef inline int unit_arg(uint16_t unit) noexcept nogil:
    return unit >> 8


cdef class CodeUnits:
    """The code units of one code object; owns the block, which never moves."""
    cdef uint16_t *units
    cdef Py_ssize_t length
    cdef Py_ssize_t shape[1]

    cdef Py_ssize_t checked(self, Py_ssize_t index) except -1
