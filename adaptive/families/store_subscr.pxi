# STORE_SUBSCR: value container key --.  Text of _core.pyx.

cdef inline bint store_item(
    PyObject *container, PyObject *key, PyObject *value
) noexcept nogil:
    """Stores into a list at a small index from the front, taking the value's reference.

    False, with nothing done, for everything else.
    """
    cdef PyObject **place = place_in_list(container, key)
    cdef PyObject *old
    if place is NULL:
        return False
    old = place[0]
    place[0] = value
    Py_DECREF(old)
    return True


cdef inline PyObject **store_subscr(PyObject **sp) noexcept nogil:
    cdef PyObject *key = sp[-1]
    cdef PyObject *container = sp[-2]
    cdef PyObject *value = sp[-3]
    if not store_item(container, key, value):
        if unlikely(PyObject_SetItem(container, key, value) < 0):
            return NULL
        Py_DECREF(value)
    Py_DECREF(container)
    Py_DECREF(key)
    return sp - 3


# -- forms

cdef inline PyObject **place_in_list(PyObject *items, PyObject *key) noexcept nogil:
    """Where an exact list keeps the item at a small index from the front, or NULL."""
    cdef Py_ssize_t index
    if unlikely(not PyList_CheckExact(items)):
        return NULL
    index = host_compact_index(key)
    if unlikely(index < 0 or index >= PyList_GET_SIZE(items)):
        return NULL
    return &(<PyListObject *>items).ob_item[index]


cdef inline Py_ssize_t place_for_number(PyObject **sp) noexcept nogil:
    """value container key: where a bytearray or an array takes a number, or -1.

    The number is an int or a float itself, so that taking it runs no code.
    """
    cdef PyTypeObject *kind = Py_TYPE(sp[-2])
    if unlikely(kind is not &PyByteArray_Type and kind is not array_type):
        return -1
    return place_in_sequence(sp[-2], sp[-1]) if is_number(Py_TYPE(sp[-3])) else -1


cdef inline PyObject **store_number(PyObject **sp, Py_ssize_t index) noexcept nogil:
    """value container key --, at a place that has been found."""
    cdef PyObject *items = sp[-2]
    if (
        likely(Py_IS_TYPE(items, array_type)) and PyFloat_CheckExact(sp[-3])
        and host_is_array_of_doubles(items)
    ):
        host_doubles(items)[index] = PyFloat_AS_DOUBLE(sp[-3])
    elif unlikely(
        Py_TYPE(items).tp_as_sequence.sq_ass_item(items, index, sp[-3]) < 0
    ):
        return NULL
    drop_number(sp[-3])
    Py_DECREF(items)
    host_drop_int(sp[-1])
    return sp - 3


cdef inline PyObject **store_dict_item(PyObject **sp) noexcept nogil:
    """value dict key --"""
    if unlikely(PyDict_SetItem(sp[-2], sp[-1], sp[-3]) < 0):
        return NULL
    Py_DECREF(sp[-3])
    Py_DECREF(sp[-2])
    Py_DECREF(sp[-1])
    return sp - 3


cdef PyObject **store_sliced(PyObject **sp, int n) noexcept nogil:
    """value items start stop --: a part of a list becomes what another or a tuple has.

    NULL with an error, or without one where the slice must be built first.
    """
    cdef PyObject *items = sp[-3]
    cdef PyObject *value = sp[-4]
    cdef Py_ssize_t start, stop
    if ADAPTIVE_STATS or n != 2 or not PyList_CheckExact(items):
        return NULL
    if not (PyList_CheckExact(value) or PyTuple_CheckExact(value)):
        return NULL
    if not host_plain_bounds(sp[-2], sp[-1], &start, &stop):
        return NULL
    PySlice_AdjustIndices(PyList_GET_SIZE(items), &start, &stop, 1)
    if unlikely(PyList_SetSlice(items, start, stop, value) < 0):
        return NULL
    Py_DECREF(sp[-2])
    Py_DECREF(sp[-1])
    drop_value(value)
    drop_value(items)
    return sp - 4
