# Formatting: the parts of f-strings.
#
# Every action takes sp one past the top and returns the new sp, or NULL with the
# exception set and the stack as it was.  Source: ceval.c 3.11, FORMAT_VALUE.


cdef PyObject **convert_value(PyObject **sp, int conversion) noexcept nogil:
    """value -- text.  The conversions are those of isa.CONVERSIONS."""
    cdef PyObject *value = sp[-1]
    cdef PyObject *text
    if conversion == 1:
        text = PyObject_Str(value)
    elif conversion == 2:
        text = PyObject_Repr(value)
    elif conversion == 3:
        text = PyObject_ASCII(value)
    else:
        PyErr_Format(
            PyExc_SystemError, b"unexpected conversion flag %d", conversion)
        return NULL
    if text == NULL:
        return NULL
    sp[-1] = text
    Py_DECREF(value)
    return sp


cdef PyObject **format_simple(PyObject **sp) noexcept nogil:
    """value -- text"""
    cdef PyObject *value = sp[-1]
    cdef PyObject *text
    if PyUnicode_CheckExact(value):
        return sp
    text = PyObject_Format(value, NULL)
    if text == NULL:
        return NULL
    sp[-1] = text
    Py_DECREF(value)
    return sp


cdef PyObject **format_with_spec(PyObject **sp) noexcept nogil:
    """value spec -- text"""
    cdef PyObject *spec = sp[-1]
    cdef PyObject *value = sp[-2]
    cdef PyObject *text = PyObject_Format(value, spec)
    if text == NULL:
        return NULL
    sp[-2] = text
    Py_DECREF(value)
    Py_DECREF(spec)
    return sp - 1
