# SEND: receiver value -- receiver result.  Text of _core.pyx.

cdef inline PySendResult send(PyObject **sp, PyObject **result) noexcept nogil:
    """Sends sp[-1] into sp[-2]; the stack is not touched."""
    return PyIter_Send(sp[-2], sp[-1], result)
