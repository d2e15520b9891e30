# FOR_ITER: iterator -- iterator item.  Text of _core.pyx.

cdef inline PyObject *next_item(PyObject *iterator) noexcept nogil:
    """The next item, or NULL: with an exception, or without one at the end."""
    cdef PyObject *item = Py_TYPE(iterator).tp_iternext(iterator)
    if unlikely(item is NULL) and PyErr_Occurred() is not NULL:
        if PyErr_ExceptionMatches(PyExc_StopIteration):
            PyErr_Clear()
    return item


# -- forms: each returns a new reference, or NULL where only the iterator can tell

cdef inline PyObject *next_of_list(PyObject *iterator) noexcept nogil:
    cdef HostSequenceIterator *it = <HostSequenceIterator *>iterator
    cdef PyObject *item
    if unlikely(it.sequence is NULL or it.index >= PyList_GET_SIZE(it.sequence)):
        return NULL
    item = PyList_GET_ITEM(it.sequence, it.index)
    it.index += 1
    Py_INCREF(item)
    return item


cdef inline PyObject *next_of_tuple(PyObject *iterator) noexcept nogil:
    cdef HostSequenceIterator *it = <HostSequenceIterator *>iterator
    cdef PyObject *item
    if unlikely(it.sequence is NULL or it.index >= PyTuple_GET_SIZE(it.sequence)):
        return NULL
    item = PyTuple_GET_ITEM(it.sequence, it.index)
    it.index += 1
    Py_INCREF(item)
    return item


cdef inline PyObject *next_of_range(PyObject *iterator) noexcept nogil:
    cdef HostRangeIterator *it = <HostRangeIterator *>iterator
    cdef PyObject *value
    if unlikely(it.index >= it.len):
        return NULL
    # Unsigned in between, as the product may pass the end of a long on its way.
    value = host_new_int(
        <long>(
            <unsigned long>it.start + <unsigned long>it.index * <unsigned long>it.step
        )
    )
    if likely(value is not NULL):
        it.index += 1
    return value


cdef PyObject **end_of_loop(PyObject **sp) noexcept nogil:
    """iterator --, when it has nothing more.  It is asked once more, so that it knows.

    NULL with an exception, which keeps the iterator.
    """
    # An error is pending if there was something more, but no memory for it.
    if unlikely(PyErr_Occurred() is not NULL):
        return NULL
    cdef PyObject *item = Py_TYPE(sp[-1]).tp_iternext(sp[-1])
    if unlikely(item is not NULL):
        Py_DECREF(item)
    elif unlikely(PyErr_Occurred() is not NULL):
        return NULL
    Py_DECREF(sp[-1])
    return sp - 1


cdef PyObject **end_of_sequence(PyObject **sp) noexcept nogil:
    """The same for an iterator over a list or a tuple, which lets go of it."""
    cdef HostSequenceIterator *it = <HostSequenceIterator *>sp[-1]
    cdef PyObject *sequence = it.sequence
    it.sequence = NULL
    Py_XDECREF(sequence)
    Py_DECREF(sp[-1])
    return sp - 1


cdef inline int store_pair(
    PyObject **sp, HostFrame *frame, uint16_t *unit
) noexcept nogil:
    """How many of the two on top STORE_FAST instructions at the unit have taken."""
    if not stores(sp[-1], frame, unit):
        return 0
    return 2 if stores(sp[-2], frame, unit + 1) else 1


cdef PyObject **next_pair_of_dict(PyObject **sp) noexcept nogil:
    """iterator -- iterator value key, as UNPACK_SEQUENCE would leave them."""
    cdef PyObject *key = NULL
    cdef PyObject *value = NULL
    if unlikely(not host_next_entry(sp[-1], &key, &value)):
        return NULL
    sp[0] = value
    sp[1] = key
    host_forget_pair((<HostDictIterator *>sp[-1]).result)
    return sp + 2


cdef PyObject **next_pair_of_enumerate(PyObject **sp) noexcept nogil:
    """iterator -- iterator item index; NULL: with an exception, or without at the end.
    """
    cdef HostEnumerate *it = <HostEnumerate *>sp[-1]
    cdef PyObject *item = next_item(it.iterator)
    if item is NULL:
        return NULL
    sp[1] = host_new_int(it.index)
    if unlikely(sp[1] is NULL):
        Py_DECREF(item)
        return NULL
    sp[0] = item
    it.index += 1
    host_forget_pair(it.result)
    return sp + 2


cdef PyObject **next_pair_of_zip(PyObject **sp) noexcept nogil:
    """iterator -- iterator second first; NULL as above."""
    cdef HostZip *it = <HostZip *>sp[-1]
    cdef PyObject *first = next_item(PyTuple_GET_ITEM(it.iterators, 0))
    if first is NULL:
        return NULL
    sp[0] = next_item(PyTuple_GET_ITEM(it.iterators, 1))
    if sp[0] is NULL:
        Py_DECREF(first)
        return NULL
    sp[1] = first
    host_forget_pair(it.result)
    return sp + 2


cdef inline bint is_pairwise(PyObject *iterator) noexcept nogil:
    """A zip of two that may differ in length."""
    return (
        Py_IS_TYPE(iterator, &PyZip_Type)
        and (<HostZip *>iterator).count == 2
        and not (<HostZip *>iterator).strict
    )


# -- what the specializer asks

cdef bint unpacks_pair(uint16_t *unit) noexcept nogil:
    """Whether the instruction at the unit takes a sequence of two apart."""
    return base_of_unit(unit) == ops.UNPACK_SEQUENCE and unit_arg(unit[0]) == 2


cdef int fill_for_iter(Site site, int form) noexcept:
    if form in (ops.FOR_ITER_DICT_ITEMS, ops.FOR_ITER_ENUMERATE, ops.FOR_ITER_ZIP):
        if not unpacks_pair(site.at + 1 + ops.FOR_ITER_CACHE):
            return ops.REASON_NO_PAIR_UNPACKED
    return GO_ON
