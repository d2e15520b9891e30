# CALL, CALL_KW, CALL_FUNCTION_EX.  Text of _core.pyx.
#
# The host's layout is [null, callable, args...] or [method, self, args...]; a callable
# with nothing below it may be a bound method, which is taken apart first, as the host
# does.  A Python function's frame is pushed and run by the same loop; everything else
# is called through the host.

cdef inline Py_ssize_t open_method(PyObject **base, Py_ssize_t count) noexcept nogil:
    """Makes `base[0]` or `base[1]` the callable; the number of positional arguments.

    After it the callable is base[0], with its arguments from base[1] on, or base[0] is
    NULL, the callable base[1] and its arguments begin at base[2].
    """
    cdef PyObject *method
    if base[0] is not NULL:
        return count + 1
    if Py_IS_TYPE(base[1], &PyMethod_Type):
        method = base[1]
        base[0] = PyMethod_GET_FUNCTION(method)
        base[1] = PyMethod_GET_SELF(method)
        Py_INCREF(base[0])
        Py_INCREF(base[1])
        Py_DECREF(method)
        return count + 1
    return count


cdef inline Py_ssize_t keyword_count(PyObject *kwnames) noexcept nogil:
    return 0 if likely(kwnames is NULL) else PyTuple_GET_SIZE(kwnames)


cdef inline bint builds_instance(PyObject *callable) noexcept nogil:
    """Whether calling the class means: object.__new__, then a Python-level __init__."""
    cdef PyTypeObject *made
    if not Py_IS_TYPE(callable, &PyType_Type):
        return False
    made = <PyTypeObject *>callable
    return (
        made.tp_init is python_init
        and made.tp_new is PyBaseObject_Type.tp_new
        and not made.tp_flags & Py_TPFLAGS_IS_ABSTRACT
    )


cdef HostFrame *push_init(
    PyThreadState *ts, PyObject **base, Py_ssize_t count, PyObject *kwnames,
    CodeState **callee
) noexcept nogil:
    """A frame for the __init__ of the class base[1], given the arguments behind it.

    NULL, with nothing changed and no exception, if the host must do it.  The operands
    stay on the stack until the call returns, and the call counts twice in the recursion
    depth, both as on the host, where a class is called through C.
    """
    cdef PyObject *made_type = base[1]
    cdef PyObject *init = _PyType_Lookup(<PyTypeObject *>made_type, STR_INIT)
    cdef PyObject *made
    cdef HostFrame *frame
    if init is NULL or not host_is_plain_function(init) or host_recursion_left(ts) < 2:
        return NULL
    callee[0] = callee_state(
        ts, <PyCodeObject *>(<PyFunctionObject *>init).func_code
    )
    if callee[0] is NULL:
        return NULL
    made = PyBaseObject_Type.tp_new(<PyTypeObject *>made_type, empty_tuple, NULL)
    if made is NULL:
        PyErr_Clear()
        return NULL
    base[1] = made
    frame = push_call(
        ts, <PyFunctionObject *>init, callee[0], base + 1, count + 1, kwnames
    )
    base[1] = made_type
    if frame is NULL:
        Py_DECREF(made)
        return NULL
    host_count_recursion(ts)
    record_of(frame, callee[0]).kept = base
    record_of(frame, callee[0]).made = made
    return frame


cdef inline HostFrame *push_function(
    PyThreadState *ts, PyObject *callable, PyObject **args, Py_ssize_t count,
    PyObject *kwnames, CodeState **callee
) noexcept nogil:
    """A frame for a plain function's call; callable and arguments are taken over."""
    cdef PyFunctionObject *function = <PyFunctionObject *>callable
    cdef HostFrame *frame
    callee[0] = callee_state(ts, <PyCodeObject *>function.func_code)
    if unlikely(callee[0] is NULL):
        return NULL
    if likely(
        callee[0].plain_arguments and count == callee[0].parameters
        and kwnames is NULL
    ):
        frame = push_plain_call(ts, function, callee[0], args, count)
    else:
        frame = push_call(ts, function, callee[0], args, count, kwnames)
        if frame is not NULL:
            drop(args, args + count + keyword_count(kwnames))
    if likely(frame is not NULL):
        record_of(frame, callee[0]).kept = NULL
        Py_DECREF(callable)
    return frame


cdef HostFrame *push_callee(
    PyThreadState *ts, PyObject **base, Py_ssize_t count, PyObject *kwnames,
    CodeState **callee
) noexcept nogil:
    """An unlinked frame for the call at `base`, if the engine can run it; else NULL.

    `count` is what open_method returned, less the keyword values.  The record's `kept`
    says whether the operands are still on the stack, else its top is `base`.
    """
    cdef PyObject *callable = base[0]
    if callable is not NULL:
        if unlikely(not host_is_plain_function(callable)):
            return NULL
        return push_function(ts, callable, base + 1, count, kwnames, callee)
    callable = base[1]
    if likely(host_is_plain_function(callable)):
        return push_function(ts, callable, base + 2, count, kwnames, callee)
    if builds_instance(callable):
        return push_init(ts, base, count, kwnames, callee)
    return NULL


cdef PyObject **call_host(
    PyObject **base, PyObject **sp, Py_ssize_t count, PyObject *kwnames
) noexcept nogil:
    """Calls what stands at `base` through the host; the result takes all its places."""
    cdef PyObject *result
    counts.calls_through_host += 1
    if base[0] is NULL:
        result = PyObject_Vectorcall(
            base[1], base + 2, count | PY_VECTORCALL_ARGUMENTS_OFFSET, kwnames
        )
    else:
        result = PyObject_Vectorcall(
            base[0], base + 1, count | PY_VECTORCALL_ARGUMENTS_OFFSET, kwnames
        )
    if unlikely(result is NULL):
        return NULL
    drop(base, sp)
    base[0] = result
    return base + 1


cdef HostFrame *push_callee_ex(
    PyThreadState *ts, PyObject **base, int oparg, CodeState **callee
) noexcept nogil:
    """The same for CALL_FUNCTION_EX: null callable args (kwargs), already normalized.

    The operands stay on the stack until the call returns, as on the host.
    """
    cdef PyObject *callable = base[1]
    cdef PyFunctionObject *function
    cdef HostFrame *frame
    cdef PyObject *kwargs = base[3] if oparg & 1 else NULL
    cdef PyObject *bound = NULL
    if Py_IS_TYPE(callable, &PyMethod_Type):
        bound = PyMethod_GET_SELF(callable)
        callable = PyMethod_GET_FUNCTION(callable)
    if not host_is_plain_function(callable):
        return NULL
    function = <PyFunctionObject *>callable
    callee[0] = callee_state(ts, <PyCodeObject *>function.func_code)
    if callee[0] is NULL:
        return NULL
    frame = host_push_frame(ts, function, callee[0].frame_words, RECORD_WORDS)
    if frame is NULL:
        return NULL
    if not bind_from_tuple_and_dict(
        function, frame.f_code, frame.localsplus, bound, base[2], kwargs
    ):
        cancel_call(ts, frame)
        return NULL
    record_of(frame, callee[0]).kept = base
    record_of(frame, callee[0]).made = NULL
    return frame


cdef PyObject **call_host_ex(PyObject **base, int oparg) noexcept nogil:
    cdef PyObject *result = PyObject_Call(
        base[1], base[2], base[3] if oparg & 1 else NULL
    )
    counts.calls_through_host += 1
    if result is NULL:
        return NULL
    drop(base, base + 3 + (oparg & 1))
    base[0] = result
    return base + 1


cdef PyObject *result_of_init(PyObject *returned, PyObject *made) noexcept nogil:
    """What a class call gives once its __init__ has returned; takes both references."""
    if likely(returned is Py_None):
        Py_DECREF(returned)
        return made
    PyErr_Format(
        PyExc_TypeError, b"__init__() should return None, not '%.200s'",
        Py_TYPE(returned).tp_name
    )
    Py_DECREF(returned)
    Py_DECREF(made)
    return NULL


cdef PyObject *finish_kept_call(
    PyThreadState *ts, PyObject **kept, PyObject *made, PyObject **sp,
    PyObject *returned
) noexcept nogil:
    """The result of a call whose operands stayed on the stack, `sp` being its top.

    Takes the references to what the callee returned and to the object it initialized.
    With a result the operands are dropped; NULL, with an exception, leaves them.
    """
    if made is not NULL:
        host_leave_recursion(ts)
        if returned is not NULL:
            returned = result_of_init(returned, made)
        else:
            Py_DECREF(made)
    if returned is not NULL:
        drop(kept, sp)
    return returned
