# Exceptions and context managers: raised, matched, made current, handed to __exit__.
#
# Not here: what the unwinder does with a pending exception, and RERAISE.
# Every action takes sp one past the top and returns the new sp, or NULL with the
# exception set and the stack as it was, unless it says otherwise.
# Source: ceval.c 3.11.


# -- raised

cdef int reraise_current(PyThreadState *ts) noexcept nogil:
    """Sets the exception that is being handled again.

    Returns 1 if there is one, else 0 with RuntimeError set.
    """
    cdef _PyErr_StackItem *item = host_exc_info(ts)
    cdef PyObject *value
    # A generator that handles nothing itself sees what its caller handles.
    while ((item.exc_value == NULL or item.exc_value == Py_None)
            and item.previous_item != NULL):
        item = item.previous_item
    value = item.exc_value
    if value == NULL or value == Py_None:
        PyErr_SetString(PyExc_RuntimeError, b"No active exception to reraise")
        return 0
    Py_INCREF(PyExceptionInstance_Class(value))
    Py_INCREF(value)
    PyErr_Restore(
        PyExceptionInstance_Class(value), value, PyException_GetTraceback(value))
    return 1


cdef PyObject *instance_to_raise(PyObject *what) noexcept nogil:
    """The exception that `raise what` raises, a new reference; NULL with an error."""
    cdef PyObject *value
    if PyExceptionClass_Check(what):
        value = PyObject_CallNoArgs(what)
        if value != NULL and not PyExceptionInstance_Check(value):
            PyErr_Format(
                PyExc_TypeError,
                b"calling %R should have returned an instance of BaseException, not %R",
                what, Py_TYPE(value))
            Py_DECREF(value)
            return NULL
        return value
    if PyExceptionInstance_Check(what):
        Py_INCREF(what)
        return what
    PyErr_SetString(PyExc_TypeError, b"exceptions must derive from BaseException")
    return NULL


cdef bint set_cause(PyObject *value, PyObject *cause) noexcept nogil:
    """Does `from cause`; False with an error."""
    cdef PyObject *instance = NULL
    if PyExceptionClass_Check(cause):
        instance = PyObject_CallNoArgs(cause)
        if instance == NULL:
            return False
    elif PyExceptionInstance_Check(cause):
        Py_INCREF(cause)
        instance = cause
    elif cause != Py_None:
        PyErr_SetString(
            PyExc_TypeError, b"exception causes must derive from BaseException")
        return False
    PyException_SetCause(value, instance)
    return True


cdef void raise_value(PyObject *what, PyObject *cause) noexcept nogil:
    """Sets what `raise what from cause` raises; cause is NULL without `from`."""
    cdef PyObject *value = instance_to_raise(what)
    if value == NULL:
        return
    if cause == NULL or set_cause(value, cause):
        # Called for its class, an exception may come back as another class's.
        if PyExceptionClass_Check(what):
            PyErr_SetObject(what, value)
        else:
            PyErr_SetObject(PyExceptionInstance_Class(value), value)
    Py_DECREF(value)


cdef int raise_varargs(PyThreadState *ts, PyObject **sp, int n) noexcept nogil:
    """*n --, always with an exception set; the unwinder drops the operands.

    Returns 1 if it is the current exception again, which must get no new traceback
    entry, else 0.
    """
    if n == 0:
        return reraise_current(ts)
    if n == 1:
        raise_value(sp[-1], NULL)
    elif n == 2:
        raise_value(sp[-2], sp[-1])
    else:
        PyErr_SetString(PyExc_SystemError, b"bad RAISE_VARARGS oparg")
    return 0


# -- matched

cdef bint can_catch(PyObject *kind) noexcept nogil:
    """Whether `except kind` is allowed; False with TypeError set."""
    cdef Py_ssize_t i
    cdef bint valid = True
    if PyTuple_Check(kind):
        for i in range(PyTuple_GET_SIZE(kind)):
            valid = valid and PyExceptionClass_Check(PyTuple_GET_ITEM(kind, i))
    else:
        valid = PyExceptionClass_Check(kind)
    if not valid:
        PyErr_SetString(
            PyExc_TypeError,
            b"catching classes that do not inherit from BaseException is not allowed")
    return valid


cdef PyObject **check_exc_match(PyObject **sp) noexcept nogil:
    """exception type -- exception bool"""
    cdef PyObject *kind = sp[-1]
    cdef PyObject *result
    if not can_catch(kind):
        return NULL
    result = Py_True if PyErr_GivenExceptionMatches(sp[-2], kind) else Py_False
    Py_INCREF(result)
    sp[-1] = result
    Py_DECREF(kind)
    return sp


# -- except*

cdef bint any_is_group(PyObject *kind) noexcept nogil:
    """Whether one of the classes is an exception group's, or that cannot be told: then
    an exception is set."""
    cdef Py_ssize_t i
    cdef int answer = 0
    if not PyTuple_Check(kind):
        return PyObject_IsSubclass(kind, PyExc_BaseExceptionGroup) != 0
    for i in range(PyTuple_GET_SIZE(kind)):
        answer = PyObject_IsSubclass(
            PyTuple_GET_ITEM(kind, i), PyExc_BaseExceptionGroup)
        if answer != 0:
            break
    return answer != 0


cdef bint can_split_off(PyObject *kind) noexcept nogil:
    """Whether `except* kind` is allowed; False with TypeError set."""
    if not can_catch(kind):
        return False
    if not any_is_group(kind):
        return True
    if PyErr_Occurred() == NULL:
        PyErr_SetString(
            PyExc_TypeError,
            b"catching ExceptionGroup with except* is not allowed. Use except instead.")
    return False


cdef PyObject *as_group(PyObject *value) noexcept nogil:
    """What `except*` binds for an exception, a new reference."""
    if _PyBaseExceptionGroup_Check(value):
        Py_INCREF(value)
        return value
    return PyObject_CallFunction(PyExc_BaseExceptionGroup, b"s(O)", b"", value)


cdef PyObject *split_group(PyObject *group, PyObject *kind) noexcept nogil:
    """The pair that its `split` makes, a new reference."""
    cdef PyObject *pair = PyObject_CallMethodOneArg(group, STR_SPLIT, kind)
    if pair == NULL or PyTuple_CheckExact(pair) and PyTuple_GET_SIZE(pair) == 2:
        return pair
    PyErr_Format(
        PyExc_TypeError, b"%.200s.split must return a pair", Py_TYPE(group).tp_name)
    Py_DECREF(pair)
    return NULL


cdef bint match_group(
    PyObject *value, PyObject *kind, PyObject **match, PyObject **rest,
) noexcept nogil:
    """Sets both to new references, to None what is empty; False with an error.

    `value` is None once nothing of the group is left.
    """
    cdef PyObject *pair
    match[0] = rest[0] = Py_None
    if value != Py_None and PyErr_GivenExceptionMatches(value, kind):
        match[0] = as_group(value)
    elif value != Py_None and _PyBaseExceptionGroup_Check(value):
        pair = split_group(value, kind)
        if pair == NULL:
            return False
        match[0] = PyTuple_GET_ITEM(pair, 0)
        rest[0] = PyTuple_GET_ITEM(pair, 1)
        Py_INCREF(match[0])
        Py_INCREF(rest[0])
        Py_DECREF(pair)
        return True
    else:
        Py_INCREF(match[0])
    if match[0] == NULL:
        return False
    Py_INCREF(rest[0])
    return True


cdef PyObject **check_eg_match(PyObject **sp) noexcept nogil:
    """group type -- rest match, and what matches is being handled; or -- group None"""
    cdef PyObject *value = sp[-2]
    cdef PyObject *kind = sp[-1]
    cdef PyObject *match = NULL
    cdef PyObject *rest = NULL
    if not can_split_off(kind) or not match_group(value, kind, &match, &rest):
        return NULL
    sp[-1] = match
    Py_DECREF(kind)
    if match == Py_None:
        Py_DECREF(rest)
        return sp
    sp[-2] = rest
    Py_INCREF(match)
    PyErr_SetExcInfo(NULL, match, NULL)
    Py_DECREF(value)
    return sp


cdef PyObject **call_intrinsic_2(
    PyThreadState *ts, PyObject **sp, int k
) noexcept nogil:
    """left right -- result

    What is left of a group after `except*` only the host can say: its own instruction
    runs, in a frame that nobody sees and that does not count as one.
    """
    cdef PyObject *left = sp[-2]
    cdef PyObject *result = NULL
    if k == ops.INTRINSIC_2_PREP_RERAISE_STAR:
        host_leave_recursion(ts)
        result = PyObject_CallFunctionObjArgs(host_reraise, left, sp[-1], NULL)
        host_count_recursion(ts)
    else:
        PyErr_Format(PyExc_SystemError, b"no function %d of CALL_INTRINSIC_2", k)
    if result == NULL:
        return NULL
    sp[-2] = result
    Py_DECREF(sp[-1])
    Py_DECREF(left)
    return sp - 1


# -- made current

cdef inline PyObject **push_exc_info(PyThreadState *ts, PyObject **sp) noexcept nogil:
    """exception -- previous exception.  Cannot fail."""
    cdef _PyErr_StackItem *info = host_exc_info(ts)
    cdef PyObject *value = sp[-1]
    if info.exc_value != NULL:
        sp[-1] = info.exc_value
    else:
        Py_INCREF(Py_None)
        sp[-1] = Py_None
    Py_INCREF(value)
    sp[0] = value
    info.exc_value = value
    return sp + 1


cdef inline PyObject **pop_except(PyThreadState *ts, PyObject **sp) noexcept nogil:
    """previous --.  Cannot fail; the handled exception may be finalized here."""
    cdef _PyErr_StackItem *info = host_exc_info(ts)
    cdef PyObject *value = info.exc_value
    info.exc_value = sp[-1]
    Py_XDECREF(value)
    return sp - 1


# -- context managers

cdef PyObject **with_except_start(PyObject **sp) noexcept nogil:
    """exit lasti previous exception -- exit lasti previous exception result"""
    cdef PyObject *value = sp[-1]
    cdef PyObject *traceback = PyException_GetTraceback(value)
    cdef PyObject *arguments[4]
    cdef PyObject *result
    if traceback == NULL:
        Py_INCREF(Py_None)
        traceback = Py_None
    arguments[0] = NULL
    arguments[1] = PyExceptionInstance_Class(value)
    arguments[2] = value
    arguments[3] = traceback
    # The exception keeps its traceback alive, so the callee may see it unshared.
    Py_DECREF(traceback)
    result = PyObject_Vectorcall(
        sp[-4], arguments + 1, 3 | PY_VECTORCALL_ARGUMENTS_OFFSET, NULL)
    if result == NULL:
        return NULL
    sp[0] = result
    return sp + 1


cdef PyObject *lookup_special(
    PyObject *manager, PyObject *name, const char *complaint,
) noexcept nogil:
    """The bound special method, a new reference; TypeError says who lacks it."""
    cdef PyObject *method = _PyObject_LookupSpecial(manager, name)
    if method == NULL and PyErr_Occurred() == NULL:
        PyErr_Format(PyExc_TypeError, complaint, Py_TYPE(manager).tp_name)
    return method


cdef PyObject **enter_context(
    PyObject **sp, PyObject *enter, PyObject *leave,
) noexcept nogil:
    """manager -- leave entered.  Steals both methods.

    On error the slot holds `leave`: the manager is gone before it is entered, as on
    the host, so that a manager that nothing else holds dies at the same moment.
    """
    cdef PyObject *manager = sp[-1]
    cdef PyObject *entered
    sp[-1] = leave
    Py_DECREF(manager)
    entered = PyObject_CallNoArgs(enter)
    Py_DECREF(enter)
    if entered == NULL:
        return NULL
    sp[0] = entered
    return sp + 1


cdef PyObject **before_with(PyObject **sp) noexcept nogil:
    """manager -- exit entered"""
    cdef PyObject *manager = sp[-1]
    cdef PyObject *leave
    cdef PyObject *enter = lookup_special(
        manager, STR_ENTER,
        b"'%.200s' object does not support the context manager protocol")
    if enter == NULL:
        return NULL
    leave = lookup_special(
        manager, STR_EXIT,
        b"'%.200s' object does not support the context manager protocol"
        b" (missed __exit__ method)")
    if leave == NULL:
        Py_DECREF(enter)
        return NULL
    return enter_context(sp, enter, leave)


cdef PyObject **before_async_with(PyObject **sp) noexcept nogil:
    """manager -- exit awaitable"""
    cdef PyObject *manager = sp[-1]
    cdef PyObject *leave
    cdef PyObject *enter = lookup_special(
        manager, STR_AENTER,
        b"'%.200s' object does not support the asynchronous context manager protocol")
    if enter == NULL:
        return NULL
    leave = lookup_special(
        manager, STR_AEXIT,
        b"'%.200s' object does not support the asynchronous context manager protocol"
        b" (missed __aexit__ method)")
    if leave == NULL:
        Py_DECREF(enter)
        return NULL
    return enter_context(sp, enter, leave)
