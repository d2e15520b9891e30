# FOR_ITER: iterator -- iterator item.  Text of _core.pyx.

cdef inline PyObject *next_item(PyObject *iterator) noexcept nogil:
    """The next item, or NULL: with an exception, or without one at the end."""
    cdef PyObject *item = Py_TYPE(iterator).tp_iternext(iterator)
    if unlikely(item is NULL) and PyErr_Occurred() is not NULL:
        if PyErr_ExceptionMatches(PyExc_StopIteration):
            PyErr_Clear()
    return item
