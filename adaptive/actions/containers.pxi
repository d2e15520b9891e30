# Containers: built from the stack, filled in displays, taken apart, stored into.
#
# Every action takes sp one past the top and returns the new sp, or NULL with the
# exception set and the stack as it was.  Source: ceval.c 3.11.


cdef inline void drop_down_to(PyObject **sp, PyObject **base) noexcept nogil:
    """Drops the operands from the top of the stack down to base, as the host does."""
    while sp > base:
        sp -= 1
        Py_DECREF(sp[0])


# -- built from the stack

cdef inline PyObject **build_tuple(PyObject **sp, int n) noexcept nogil:
    """*n -- tuple"""
    cdef PyObject *result = PyTuple_New(n)
    cdef int i
    if result == NULL:
        return NULL
    sp -= n
    for i in range(n):
        PyTuple_SET_ITEM(result, i, sp[i])
    sp[0] = result
    return sp + 1


cdef inline PyObject **build_list(PyObject **sp, int n) noexcept nogil:
    """*n -- list"""
    cdef PyObject *result = PyList_New(n)
    cdef int i
    if result == NULL:
        return NULL
    sp -= n
    for i in range(n):
        PyList_SET_ITEM(result, i, sp[i])
    sp[0] = result
    return sp + 1


cdef PyObject **build_set(PyObject **sp, int n) noexcept nogil:
    """*n -- set"""
    cdef PyObject *result = PySet_New(NULL)
    cdef PyObject **base = sp - n
    cdef int i
    if result == NULL:
        return NULL
    for i in range(n):
        if PySet_Add(result, base[i]):
            Py_DECREF(result)
            return NULL
    # Lowest first, unlike the other displays: finalizers can tell.
    for i in range(n):
        Py_DECREF(base[i])
    base[0] = result
    return base + 1


cdef PyObject *new_dict_for(PyObject **keys, int step, int n) noexcept nogil:
    """An empty dict with room for n items whose keys are keys[0], keys[step], ..."""
    cdef int i
    for i in range(n):
        if not PyUnicode_CheckExact(keys[i * step]):
            return _PyDict_NewPresized(n)
    # Only an empty dict can become one of the smaller kind that holds strings alone.
    return PyDict_New()


cdef PyObject *dict_from(
    PyObject **keys, PyObject **values, int step, int n,
) noexcept nogil:
    """A dict of n items whose keys, and values, lie `step` apart; NULL on error."""
    cdef PyObject *result = new_dict_for(keys, step, n)
    cdef int i
    if result == NULL:
        return NULL
    for i in range(n):
        if PyDict_SetItem(result, keys[i * step], values[i * step]):
            Py_DECREF(result)
            return NULL
    return result


cdef PyObject **build_map(PyObject **sp, int n) noexcept nogil:
    """*(2n) -- dict"""
    cdef PyObject **base = sp - 2 * n
    cdef PyObject *result = dict_from(base, base + 1, 2, n)
    if result == NULL:
        return NULL
    drop_down_to(sp, base)
    base[0] = result
    return base + 1


cdef PyObject **build_const_key_map(PyObject **sp, int n) noexcept nogil:
    """*n keys -- dict"""
    cdef PyObject *keys = sp[-1]
    cdef PyObject **base = sp - n - 1
    cdef PyObject *result
    if not PyTuple_CheckExact(keys) or PyTuple_GET_SIZE(keys) != n:
        PyErr_SetString(
            PyExc_SystemError, b"bad BUILD_CONST_KEY_MAP keys argument")
        return NULL
    result = dict_from((<PyTupleObject *>keys).ob_item, base, 1, n)
    if result == NULL:
        return NULL
    drop_down_to(sp, base)
    base[0] = result
    return base + 1


cdef PyObject **build_string(PyObject **sp, int n) noexcept nogil:
    """*n -- str"""
    cdef PyObject **base = sp - n
    cdef PyObject *result = _PyUnicode_JoinArray(STR_EMPTY, base, n)
    if result == NULL:
        return NULL
    drop_down_to(sp, base)
    base[0] = result
    return base + 1


cdef PyObject **build_slice(PyObject **sp, int n) noexcept nogil:
    """*n -- slice.  n is 2 or 3: with the step."""
    cdef PyObject **base = sp - n
    cdef PyObject *result = PySlice_New(base[0], base[1], base[2] if n == 3 else NULL)
    cdef int i
    if result == NULL:
        return NULL
    for i in range(n):
        Py_DECREF(base[i])
    base[0] = result
    return base + 1


# -- filled in displays and comprehensions: the container is n below the value

cdef inline PyObject **list_append(PyObject **sp, int n) noexcept nogil:
    """list *(n-1) value -- list *(n-1)"""
    cdef PyObject *items = sp[-1 - n]
    cdef PyObject *value = sp[-1]
    cdef Py_ssize_t size = PyList_GET_SIZE(items)
    if likely((<PyListObject *>items).allocated > size):
        PyList_SET_ITEM(items, size, value)
        Py_SET_SIZE(items, size + 1)
        return sp - 1
    if PyList_Append(items, value):
        return NULL
    Py_DECREF(value)
    return sp - 1


cdef PyObject **set_add(PyObject **sp, int n) noexcept nogil:
    """set *(n-1) value -- set *(n-1)"""
    cdef PyObject *value = sp[-1]
    if PySet_Add(sp[-1 - n], value):
        return NULL
    Py_DECREF(value)
    return sp - 1


cdef PyObject **map_add(PyObject **sp, int n) noexcept nogil:
    """dict *(n-1) key value -- dict *(n-1)"""
    cdef PyObject *key = sp[-2]
    cdef PyObject *value = sp[-1]
    if PyDict_SetItem(sp[-2 - n], key, value):
        return NULL
    Py_DECREF(key)
    Py_DECREF(value)
    return sp - 2


cdef inline bint is_not_iterable(PyObject *value) noexcept nogil:
    """Whether the value's type has no way at all of being iterated."""
    return Py_TYPE(value).tp_iter == NULL and not PySequence_Check(value)


cdef PyObject **list_extend(PyObject **sp, int n) noexcept nogil:
    """list *(n-1) items -- list *(n-1)"""
    cdef PyObject *items = sp[-1]
    cdef PyObject *none = _PyList_Extend(<PyListObject *>sp[-1 - n], items)
    if none == NULL:
        if PyErr_ExceptionMatches(PyExc_TypeError) and is_not_iterable(items):
            PyErr_Format(
                PyExc_TypeError,
                b"Value after * must be an iterable, not %.200s",
                Py_TYPE(items).tp_name)
        return NULL
    Py_DECREF(none)
    Py_DECREF(items)
    return sp - 1


cdef PyObject **set_update(PyObject **sp, int n) noexcept nogil:
    """set *(n-1) items -- set *(n-1)"""
    cdef PyObject *items = sp[-1]
    if _PySet_Update(sp[-1 - n], items) < 0:
        return NULL
    Py_DECREF(items)
    return sp - 1


cdef PyObject **dict_update(PyObject **sp, int n) noexcept nogil:
    """dict *(n-1) items -- dict *(n-1)"""
    cdef PyObject *items = sp[-1]
    if PyDict_Update(sp[-1 - n], items) < 0:
        if PyErr_ExceptionMatches(PyExc_AttributeError):
            PyErr_Format(
                PyExc_TypeError,
                b"'%.200s' object is not a mapping",
                Py_TYPE(items).tp_name)
        return NULL
    Py_DECREF(items)
    return sp - 1


cdef void explain_not_a_mapping(PyObject *callable, PyObject *kwargs) noexcept nogil:
    """The pending AttributeError means: what follows ** has no keys."""
    cdef PyObject *text
    PyErr_Clear()
    text = _PyObject_FunctionStr(callable)
    if text == NULL:
        return
    PyErr_Format(
        PyExc_TypeError,
        b"%U argument after ** must be a mapping, not %.200s",
        text, Py_TYPE(kwargs).tp_name)
    Py_DECREF(text)


cdef void explain_repeated_keyword(PyObject *callable) noexcept nogil:
    """The pending KeyError means: two mappings of a call have the same key.

    It is told from a KeyError of the mapping's own by its raw value, a 1-tuple.
    """
    cdef PyObject *kind = NULL
    cdef PyObject *value = NULL
    cdef PyObject *traceback = NULL
    cdef PyObject *text
    PyErr_Fetch(&kind, &value, &traceback)
    if value == NULL or not PyTuple_Check(value) or PyTuple_GET_SIZE(value) != 1:
        PyErr_Restore(kind, value, traceback)
        return
    text = _PyObject_FunctionStr(callable)
    if text != NULL:
        PyErr_Format(
            PyExc_TypeError,
            b"%U got multiple values for keyword argument '%S'",
            text, PyTuple_GET_ITEM(value, 0))
        Py_DECREF(text)
    Py_XDECREF(kind)
    Py_DECREF(value)
    Py_XDECREF(traceback)


cdef void explain_kwargs_error(PyObject *callable, PyObject *kwargs) noexcept nogil:
    """Turns what merging **kwargs raised into what the caller shall see."""
    if PyErr_ExceptionMatches(PyExc_AttributeError):
        explain_not_a_mapping(callable, kwargs)
    elif PyErr_ExceptionMatches(PyExc_KeyError):
        explain_repeated_keyword(callable)


cdef PyObject **dict_merge(PyObject **sp, int n) noexcept nogil:
    """dict *(n-1) items -- dict *(n-1).  Below the dict: the callable, positionals."""
    cdef PyObject *items = sp[-1]
    if _PyDict_MergeEx(sp[-1 - n], items, 2) < 0:
        explain_kwargs_error(sp[-3 - n], items)
        return NULL
    Py_DECREF(items)
    return sp - 1


cdef PyObject **list_to_tuple(PyObject **sp) noexcept nogil:
    """list -- tuple"""
    cdef PyObject *items = sp[-1]
    cdef PyObject *result = PyList_AsTuple(items)
    if result == NULL:
        return NULL
    sp[-1] = result
    Py_DECREF(items)
    return sp


# -- taken apart

cdef inline int store_items(
    PyObject **items, int n, HostFrame *frame, uint16_t *unit
) noexcept nogil:
    """How many of a sequence's items STORE_FAST instructions at the unit have taken.

    The sequence holds every item still: none is the last that a local may drop.  A
    local that has the item already keeps the reference it has.
    """
    cdef PyObject **local
    cdef int i
    for i in range(n):
        if unlikely(unit_op(unit[i]) != ops.STORE_FAST):
            return i
        local = &frame.localsplus[unit_arg(unit[i])]
        if local[0] is items[i]:
            continue
        if unlikely(not stored(local, items[i])):
            return i
        Py_INCREF(items[i])
    return n


cdef inline PyObject **unpack_items(
    PyObject **sp, PyObject **items, int n,
) noexcept nogil:
    """sequence -- *n, the items being the sequence's own."""
    cdef PyObject *sequence = sp[-1]
    sp -= 1
    while n > 0:
        n -= 1
        Py_INCREF(items[n])
        sp[0] = items[n]
        sp += 1
    Py_DECREF(sequence)
    return sp


cdef PyObject **unpack_failed(
    PyObject **sp, PyObject *sequence, PyObject *iterator, int depth, int taken,
) noexcept nogil:
    """Drops the `taken` highest of `depth` slots and puts the sequence back; NULL."""
    cdef PyObject **base = sp - 1
    cdef int i
    for i in range(depth - taken, depth):
        Py_DECREF(base[i])
    base[0] = sequence
    Py_DECREF(iterator)
    return NULL


cdef PyObject *iterator_to_unpack(PyObject *sequence) noexcept nogil:
    """The sequence's iterator, a new reference; NULL with unpacking's own error."""
    cdef PyObject *iterator = PyObject_GetIter(sequence)
    if (iterator == NULL and PyErr_ExceptionMatches(PyExc_TypeError)
            and is_not_iterable(sequence)):
        PyErr_Format(
            PyExc_TypeError,
            b"cannot unpack non-iterable %.200s object",
            Py_TYPE(sequence).tp_name)
    return iterator


cdef int take_items(
    PyObject *iterator, PyObject **top, int n, int least,
) noexcept nogil:
    """Takes n items to the slots below top; returns how many there were.

    On fewer, the error is set; `least` is what it says was expected, negative for
    exactly n.
    """
    cdef PyObject *item
    cdef int i
    for i in range(n):
        item = PyIter_Next(iterator)
        if item != NULL:
            (top - 1 - i)[0] = item
            continue
        if PyErr_Occurred() == NULL:
            if least < 0:
                PyErr_Format(
                    PyExc_ValueError,
                    b"not enough values to unpack (expected %d, got %d)", n, i)
            else:
                PyErr_Format(
                    PyExc_ValueError,
                    b"not enough values to unpack (expected at least %d, got %d)",
                    least, i)
        return i
    return n


cdef bint is_exhausted(PyObject *iterator, int n) noexcept nogil:
    """Whether the iterator ends here; False with the error set."""
    cdef PyObject *extra = PyIter_Next(iterator)
    if extra == NULL:
        return PyErr_Occurred() == NULL
    Py_DECREF(extra)
    PyErr_Format(
        PyExc_ValueError, b"too many values to unpack (expected %d)", n)
    return False


cdef PyObject **unpack_iterable(PyObject **sp, int n) noexcept nogil:
    """sequence -- *n, by iteration."""
    cdef PyObject *sequence = sp[-1]
    cdef PyObject *iterator = iterator_to_unpack(sequence)
    cdef int taken
    if iterator == NULL:
        return NULL
    # The lowest item takes the sequence's slot.
    taken = take_items(iterator, sp - 1 + n, n, -1)
    if taken < n or not is_exhausted(iterator, n):
        return unpack_failed(sp, sequence, iterator, n, taken)
    Py_DECREF(iterator)
    Py_DECREF(sequence)
    return sp - 1 + n


cdef PyObject **unpack_sequence(PyObject **sp, int n) noexcept nogil:
    """sequence -- *n"""
    cdef PyObject *sequence = sp[-1]
    if PyTuple_CheckExact(sequence):
        if PyTuple_GET_SIZE(sequence) == n:
            return unpack_items(sp, (<PyTupleObject *>sequence).ob_item, n)
    elif PyList_CheckExact(sequence):
        if PyList_GET_SIZE(sequence) == n:
            return unpack_items(sp, (<PyListObject *>sequence).ob_item, n)
    return unpack_iterable(sp, n)


cdef bint split_rest(PyObject **rest_slot, int before, int after) noexcept nogil:
    """Moves the list's last `after` items to the slots below it; False on too few."""
    cdef PyObject *rest = rest_slot[0]
    cdef Py_ssize_t size = PyList_GET_SIZE(rest)
    cdef int i
    if size < after:
        PyErr_Format(
            PyExc_ValueError,
            b"not enough values to unpack (expected at least %d, got %zd)",
            before + after, before + size)
        return False
    for i in range(after):
        (rest_slot - 1 - i)[0] = PyList_GET_ITEM(rest, size - after + i)
    Py_SET_SIZE(rest, size - after)
    return True


cdef PyObject **unpack_ex(PyObject **sp, int oparg) noexcept nogil:
    """sequence -- *(n>>8) list *(n&255).  What is before the list lies above it."""
    cdef int before = oparg & 0xFF
    cdef int after = oparg >> 8
    cdef int depth = before + 1 + after
    cdef PyObject *sequence = sp[-1]
    cdef PyObject *iterator = iterator_to_unpack(sequence)
    cdef PyObject *rest
    cdef int taken
    if iterator == NULL:
        return NULL
    taken = take_items(iterator, sp - 1 + depth, before, before + after)
    if taken < before:
        return unpack_failed(sp, sequence, iterator, depth, taken)
    rest = PySequence_List(iterator)
    if rest == NULL:
        return unpack_failed(sp, sequence, iterator, depth, taken)
    (sp - 1 + after)[0] = rest
    if not split_rest(sp - 1 + after, before, after):
        return unpack_failed(sp, sequence, iterator, depth, taken + 1)
    Py_DECREF(iterator)
    Py_DECREF(sequence)
    return sp - 1 + depth


# -- stored into

cdef PyObject **delete_subscr(PyObject **sp) noexcept nogil:
    """container key --"""
    cdef PyObject *key = sp[-1]
    cdef PyObject *container = sp[-2]
    if PyObject_DelItem(container, key):
        return NULL
    Py_DECREF(container)
    Py_DECREF(key)
    return sp - 2
