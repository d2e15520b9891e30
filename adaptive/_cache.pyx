"""`CodeUnits`: the code-unit buffer as Python sees it, every access checked."""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE
from cpython.buffer cimport PyBUF_FORMAT, PyBUF_ND, PyBUF_WRITABLE
from libc.stdint cimport uint16_t
from libc.stdlib cimport free, malloc
from libc.string cimport memcpy

from adaptive import isa

cdef tuple DEOPT = isa.DEOPT
cdef tuple CACHE_UNITS = isa.CACHE_UNITS
cdef char *UNSIGNED_BYTE = "B"
cdef Py_ssize_t UNIT_BYTES = sizeof(uint16_t)


cdef class CodeUnits:
    """The code units of one code object.

    Shape: `units: uint16[n]`, opcode in the low byte, argument in the high byte.
    Ownership: copies what it is made from; owns its block until it dies.
    Raises: ValueError when made from bytes that are not whole units or whose maps
    differ in length; IndexError for an index outside `0 <= index < len`.
    Threads: under the interpreter lock.
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

    def __len__(self):
        return self.length

    cdef Py_ssize_t checked(self, Py_ssize_t index) except -1:
        """The index itself; IndexError outside the units."""
        if not 0 <= index < self.length:
            raise IndexError(
                f"code unit {index} is outside 0..{self.length - 1}"
            )
        return index

    def read_op(self, Py_ssize_t index):
        """The opcode byte of one unit."""
        return unit_op(self.units[self.checked(index)])

    def read_arg(self, Py_ssize_t index):
        """The argument byte of one unit."""
        return unit_arg(self.units[self.checked(index)])

    def host_offset(self, Py_ssize_t index):
        """The index, in host units, of the unit's host instruction."""
        return self.units[self.length + self.checked(index)]

    def original_bytes(self):
        """The units as they were lowered: base opcodes, zero caches, arguments kept."""
        cdef bytearray clean = bytearray(self)
        cdef Py_ssize_t index = 0, caches
        while index < self.length:
            op = DEOPT[unit_op(self.units[index])]
            clean[index * UNIT_BYTES] = op
            index += 1
            caches = min(<Py_ssize_t>CACHE_UNITS[op], self.length - index)
            clean[index * UNIT_BYTES:(index + caches) * UNIT_BYTES] = (
                bytes(caches * UNIT_BYTES)
            )
            index += caches
        return bytes(clean)

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
