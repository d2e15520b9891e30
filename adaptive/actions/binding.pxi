# Binding: the arguments of a call become the first values of a function's frame.
#
# The law of this file: it succeeds wholly, or says False and leaves no trace, neither a
# reference nor an exception.  The caller then makes the call through the host, which
# raises the exact error.  So nothing here may run the program's code: keywords that are
# not exact strings are the host's.  Source: ceval.c 3.11, initialize_locals.


cdef void release_slots(PyObject **locals, PyCodeObject *code) noexcept nogil:
    """Takes a binding back that did not succeed; forgets why."""
    cdef int i
    PyErr_Clear()
    for i in range(code.co_nlocalsplus):
        Py_XDECREF(locals[i])
        locals[i] = NULL


cdef inline bint same_name(PyObject *left, PyObject *right) noexcept nogil:
    """Whether two exact strings are equal, if they are not the same object."""
    if PyUnicode_CHECK_INTERNED(left) and PyUnicode_CHECK_INTERNED(right):
        return False
    return PyUnicode_Compare(left, right) == 0


cdef int parameter_index(PyCodeObject *code, PyObject *keyword) noexcept nogil:
    """The slot of the parameter that the keyword names, or -1."""
    cdef PyObject **names = (<PyTupleObject *>code.co_localsplusnames).ob_item
    cdef int total = code.co_argcount + code.co_kwonlyargcount
    cdef int i
    for i in range(code.co_posonlyargcount, total):
        if names[i] == keyword:
            return i
    for i in range(code.co_posonlyargcount, total):
        if same_name(names[i], keyword):
            return i
    return -1


cdef inline int varargs_slot(PyCodeObject *code) noexcept nogil:
    """The slot of *args, if there is one."""
    return code.co_argcount + code.co_kwonlyargcount


cdef inline int varkeywords_slot(PyCodeObject *code) noexcept nogil:
    """The slot of **kwargs, if there is one."""
    return varargs_slot(code) + (1 if code.co_flags & CO_VARARGS else 0)


cdef PyObject *pack_rest(
    PyObject *first, PyObject **args, Py_ssize_t start, Py_ssize_t given,
) noexcept nogil:
    """The positional arguments from `start` on as a tuple; NULL with an error.

    `first` counts as args[0] if it is not NULL; args then begins one later.
    """
    cdef Py_ssize_t i
    cdef PyObject *item
    cdef PyObject *rest = PyTuple_New(given - start if given > start else 0)
    if rest == NULL:
        return NULL
    for i in range(start, given):
        item = args[i] if first == NULL else (first if i == 0 else args[i - 1])
        Py_INCREF(item)
        PyTuple_SET_ITEM(rest, i - start, item)
    return rest


cdef bint bind_stars(
    PyCodeObject *code, PyObject **locals,
    PyObject *first, PyObject **args, Py_ssize_t given,
) noexcept nogil:
    """Fills the slots of *args and **kwargs, the latter with an empty dict."""
    cdef PyObject *made
    if code.co_flags & CO_VARKEYWORDS:
        made = PyDict_New()
        if made == NULL:
            return False
        locals[varkeywords_slot(code)] = made
    if code.co_flags & CO_VARARGS:
        made = pack_rest(first, args, code.co_argcount, given)
        if made == NULL:
            return False
        locals[varargs_slot(code)] = made
    return True


cdef inline bint bind_positional(
    PyCodeObject *code, PyObject **locals,
    PyObject *first, PyObject **args, Py_ssize_t nargs,
) noexcept nogil:
    """Fills all slots: positional arguments, *args, an empty **kwargs, else NULL."""
    cdef Py_ssize_t given = nargs + (first != NULL)
    cdef Py_ssize_t bound = given if given < code.co_argcount else code.co_argcount
    cdef Py_ssize_t i = 0
    cdef PyObject *value
    if first != NULL:
        if bound > 0:
            Py_INCREF(first)
            locals[0] = first
        i = 1
        # Counted with `first` from here on.
        args -= 1
    while i < bound:
        value = args[i]
        Py_INCREF(value)
        locals[i] = value
        i += 1
    for i in range(bound, code.co_nlocalsplus):
        locals[i] = NULL
    if not code.co_flags & (CO_VARARGS | CO_VARKEYWORDS):
        return given == bound
    if given > bound and not code.co_flags & CO_VARARGS:
        return False
    return bind_stars(
        code, locals, first, args if first == NULL else args + 1, given)


cdef bint bind_keyword(
    PyCodeObject *code, PyObject **locals, PyObject *keyword, PyObject *value,
) noexcept nogil:
    """Binds one keyword argument; False if it fits no parameter or a bound one."""
    cdef int i
    if not PyUnicode_CheckExact(keyword):
        return False
    i = parameter_index(code, keyword)
    if i < 0:
        return bool(code.co_flags & CO_VARKEYWORDS) and not PyDict_SetItem(
            locals[varkeywords_slot(code)], keyword, value)
    if locals[i] != NULL:
        return False
    Py_INCREF(value)
    locals[i] = value
    return True


cdef bint bind_defaults(
    PyFunctionObject *func, PyCodeObject *code, PyObject **locals, Py_ssize_t given,
) noexcept nogil:
    """Gives defaults to the positional parameters from `given` on; False on a lack."""
    cdef PyObject *defaults = func.func_defaults
    cdef Py_ssize_t count = 0 if defaults == NULL else PyTuple_GET_SIZE(defaults)
    cdef Py_ssize_t first_default = code.co_argcount - count
    cdef Py_ssize_t i
    cdef PyObject *value
    for i in range(given, code.co_argcount):
        if locals[i] != NULL:
            continue
        if i < first_default:
            return False
        value = PyTuple_GET_ITEM(defaults, i - first_default)
        Py_INCREF(value)
        locals[i] = value
    return True


cdef bint bind_keyword_defaults(
    PyFunctionObject *func, PyCodeObject *code, PyObject **locals,
) noexcept nogil:
    """Gives defaults to the keyword-only parameters; False on a lack."""
    cdef int i
    cdef PyObject *value
    for i in range(code.co_argcount, code.co_argcount + code.co_kwonlyargcount):
        if locals[i] != NULL:
            continue
        if func.func_kwdefaults == NULL:
            return False
        value = PyDict_GetItemWithError(
            func.func_kwdefaults, PyTuple_GET_ITEM(code.co_localsplusnames, i))
        if value == NULL:
            return False
        Py_INCREF(value)
        locals[i] = value
    return True


cdef inline bint bind_missing(
    PyFunctionObject *func, PyCodeObject *code, PyObject **locals, Py_ssize_t given,
) noexcept nogil:
    """Gives defaults to every parameter that is still unbound."""
    if given < code.co_argcount and not bind_defaults(func, code, locals, given):
        return False
    return code.co_kwonlyargcount == 0 or bind_keyword_defaults(func, code, locals)


cdef bint bind_arguments(
    PyFunctionObject *func, PyCodeObject *code, PyObject **locals,
    PyObject **args, Py_ssize_t nargs, PyObject *kwnames,
) noexcept nogil:
    """Fills locals[0..co_nlocalsplus) for a call; False with nothing changed.

    Ownership: locals get new references, args stay the caller's.  kwnames, or NULL,
    names the values that follow args[nargs - 1].
    """
    cdef bint bound = bind_positional(code, locals, NULL, args, nargs)
    cdef Py_ssize_t i
    if bound and kwnames != NULL:
        for i in range(PyTuple_GET_SIZE(kwnames)):
            bound = bind_keyword(
                code, locals, PyTuple_GET_ITEM(kwnames, i), args[nargs + i])
            if not bound:
                break
    if bound and bind_missing(func, code, locals, nargs):
        return True
    release_slots(locals, code)
    return False


cdef bint bind_from_tuple_and_dict(
    PyFunctionObject *func, PyCodeObject *code, PyObject **locals,
    PyObject *self, PyObject *args, PyObject *kwargs,
) noexcept nogil:
    """As bind_arguments for func(*args, **kwargs); self, if not NULL, comes first.

    args is an exact tuple; kwargs an exact dict or NULL.
    """
    cdef PyObject **items = (<PyTupleObject *>args).ob_item
    cdef Py_ssize_t nargs = PyTuple_GET_SIZE(args)
    cdef bint bound = bind_positional(code, locals, self, items, nargs)
    cdef Py_ssize_t position = 0
    cdef PyObject *keyword = NULL
    cdef PyObject *value = NULL
    if kwargs != NULL:
        while bound and PyDict_Next(kwargs, &position, &keyword, &value):
            bound = bind_keyword(code, locals, keyword, value)
    if bound and bind_missing(func, code, locals, nargs + (self != NULL)):
        return True
    release_slots(locals, code)
    return False
