# Awaiting: awaitables, asynchronous iteration, delegation, and the functions that
# CALL_INTRINSIC_1 names.
#
# Every action takes sp one past the top and returns the new sp, or NULL with the
# exception set and the stack as it was, unless it says otherwise.
# Source: ceval.c and genobject.c 3.11.


# -- awaitables

cdef inline bint is_coroutine(PyObject *value) noexcept nogil:
    """Whether the value may be awaited as it is."""
    return PyCoro_CheckExact(value) or host_is_generator_coroutine(value)


cdef PyObject *awaited_iterator(PyObject *value) noexcept nogil:
    """What `await value` iterates, a new reference; NULL with an error."""
    cdef PyTypeObject *kind = Py_TYPE(value)
    cdef PyObject *iterator
    if is_coroutine(value):
        Py_INCREF(value)
        return value
    if kind.tp_as_async == NULL or kind.tp_as_async.am_await == NULL:
        PyErr_Format(
            PyExc_TypeError,
            b"object %.100s can't be used in 'await' expression", kind.tp_name)
        return NULL
    iterator = kind.tp_as_async.am_await(value)
    if iterator == NULL:
        return NULL
    if is_coroutine(iterator):
        PyErr_SetString(PyExc_TypeError, b"__await__() returned a coroutine")
    elif not PyIter_Check(iterator):
        PyErr_Format(
            PyExc_TypeError,
            b"__await__() returned non-iterator of type '%.100s'",
            Py_TYPE(iterator).tp_name)
    else:
        return iterator
    Py_DECREF(iterator)
    return NULL


cdef void explain_not_awaitable(PyObject *value, int oparg) noexcept nogil:
    """Says that it was `async with` that wanted the value: 1 on entry, 2 on exit."""
    cdef PyTypeObject *kind = Py_TYPE(value)
    if kind.tp_as_async != NULL and kind.tp_as_async.am_await != NULL:
        return
    if oparg == 1:
        PyErr_Format(
            PyExc_TypeError,
            b"'async with' received an object from __aenter__ that does not implement"
            b" __await__: %.100s",
            kind.tp_name)
    elif oparg == 2:
        PyErr_Format(
            PyExc_TypeError,
            b"'async with' received an object from __aexit__ that does not implement"
            b" __await__: %.100s",
            kind.tp_name)


cdef PyObject **get_awaitable(PyObject **sp, int oparg) noexcept nogil:
    """value -- awaitable"""
    cdef PyObject *value = sp[-1]
    cdef PyObject *iterator = awaited_iterator(value)
    if iterator == NULL:
        explain_not_awaitable(value, oparg)
        return NULL
    if PyCoro_CheckExact(iterator) and host_delegate(<PyGenObject *>iterator) != NULL:
        Py_DECREF(iterator)
        PyErr_SetString(PyExc_RuntimeError, b"coroutine is being awaited already")
        return NULL
    sp[-1] = iterator
    Py_DECREF(value)
    return sp


# -- asynchronous iteration

cdef PyObject **get_aiter(PyObject **sp) noexcept nogil:
    """iterable -- iterator"""
    cdef PyObject *iterable = sp[-1]
    cdef PyAsyncMethods *methods = Py_TYPE(iterable).tp_as_async
    cdef PyObject *iterator
    if methods == NULL or methods.am_aiter == NULL:
        PyErr_Format(
            PyExc_TypeError,
            b"'async for' requires an object with __aiter__ method, got %.100s",
            Py_TYPE(iterable).tp_name)
        return NULL
    iterator = methods.am_aiter(iterable)
    if iterator == NULL:
        return NULL
    methods = Py_TYPE(iterator).tp_as_async
    if methods == NULL or methods.am_anext == NULL:
        PyErr_Format(
            PyExc_TypeError,
            b"'async for' received an object from __aiter__ that does not implement"
            b" __anext__: %.100s",
            Py_TYPE(iterator).tp_name)
        Py_DECREF(iterator)
        return NULL
    sp[-1] = iterator
    Py_DECREF(iterable)
    return sp


cdef PyObject *awaited_next(PyObject *following) noexcept nogil:
    """What to await for what __anext__ returned, which is stolen; NULL on error."""
    cdef PyObject *awaitable = awaited_iterator(following)
    if awaitable == NULL:
        _PyErr_FormatFromCause(
            PyExc_TypeError,
            b"'async for' received an invalid object from __anext__: %.100s",
            Py_TYPE(following).tp_name)
    Py_DECREF(following)
    return awaitable


cdef PyObject **get_anext(PyObject **sp) noexcept nogil:
    """iterator -- iterator awaitable"""
    cdef PyObject *iterator = sp[-1]
    cdef PyAsyncMethods *methods = Py_TYPE(iterator).tp_as_async
    cdef PyObject *following
    if methods == NULL or methods.am_anext == NULL:
        PyErr_Format(
            PyExc_TypeError,
            b"'async for' requires an iterator with __anext__ method, got %.100s",
            Py_TYPE(iterator).tp_name)
        return NULL
    following = methods.am_anext(iterator)
    if following != NULL and not PyAsyncGen_CheckExact(iterator):
        following = awaited_next(following)
    if following == NULL:
        return NULL
    sp[0] = following
    return sp + 1


cdef PyObject **end_async_for(PyObject **sp) noexcept nogil:
    """iterator exception --, if that is StopAsyncIteration.

    Else NULL with the exception pending again: it goes on as it came, so it must get
    no new traceback entry.  Its slot is NULL then, the iterator's untouched.
    """
    cdef PyObject *value = sp[-1]
    cdef PyObject *iterator = sp[-2]
    if PyErr_GivenExceptionMatches(value, PyExc_StopAsyncIteration):
        Py_DECREF(value)
        Py_DECREF(iterator)
        return sp - 2
    sp[-1] = NULL
    Py_INCREF(PyExceptionInstance_Class(value))
    PyErr_Restore(
        PyExceptionInstance_Class(value), value, PyException_GetTraceback(value))
    return NULL


cdef PyObject **async_gen_wrap(PyObject **sp) noexcept nogil:
    """value -- wrapped"""
    cdef PyObject *wrapped = host_wrap_async_value(sp[-1])
    if wrapped == NULL:
        return NULL
    sp[-1] = wrapped
    return sp


# -- delegation

cdef PyObject **get_yield_from_iter(PyObject **sp, HostFrame *frame) noexcept nogil:
    """iterable -- iterator"""
    cdef PyObject *iterable = sp[-1]
    cdef PyObject *iterator
    if PyGen_CheckExact(iterable):
        return sp
    if PyCoro_CheckExact(iterable):
        if frame.f_code.co_flags & (CO_COROUTINE | CO_ITERABLE_COROUTINE):
            return sp
        PyErr_SetString(
            PyExc_TypeError,
            b"cannot 'yield from' a coroutine object in a non-coroutine generator")
        return NULL
    iterator = PyObject_GetIter(iterable)
    if iterator == NULL:
        return NULL
    sp[-1] = iterator
    Py_DECREF(iterable)
    return sp


# -- the functions of CALL_INTRINSIC_1

cdef inline PyObject **replace_by_none(PyObject **sp) noexcept nogil:
    """value -- None"""
    cdef PyObject *value = sp[-1]
    Py_INCREF(Py_None)
    sp[-1] = Py_None
    Py_DECREF(value)
    return sp


cdef PyObject **print_expr(PyObject **sp) noexcept nogil:
    """value -- None.  What an interactive prompt does with an expression's value."""
    cdef PyObject *hook = PySys_GetObject(b"displayhook")
    cdef PyObject *result
    if hook == NULL:
        PyErr_SetString(PyExc_RuntimeError, b"lost sys.displayhook")
        return NULL
    # The hook may replace itself in sys.
    Py_INCREF(hook)
    result = PyObject_CallOneArg(hook, sp[-1])
    Py_DECREF(hook)
    if result == NULL:
        return NULL
    Py_DECREF(result)
    return replace_by_none(sp)


cdef PyObject **unary_positive(PyObject **sp) noexcept nogil:
    """value -- result"""
    cdef PyObject *value = sp[-1]
    cdef PyObject *result = PyNumber_Positive(value)
    if result == NULL:
        return NULL
    sp[-1] = result
    Py_DECREF(value)
    return sp


cdef PyObject **call_intrinsic_1(PyObject **sp, HostFrame *frame, int k) noexcept nogil:
    """value -- result, by the k-th function of isa.INTRINSICS_1."""
    if k == ops.INTRINSIC_1_PRINT:
        return print_expr(sp)
    if k == ops.INTRINSIC_1_IMPORT_STAR:
        return import_star(sp, frame)
    if k == ops.INTRINSIC_1_ASYNC_GEN_WRAP:
        return async_gen_wrap(sp)
    if k == ops.INTRINSIC_1_UNARY_POSITIVE:
        return unary_positive(sp)
    if k == ops.INTRINSIC_1_LIST_TO_TUPLE:
        return list_to_tuple(sp)
    PyErr_Format(PyExc_SystemError, b"no function %d of CALL_INTRINSIC_1", k)
    return NULL
