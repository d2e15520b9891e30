# Names: what an instruction finds, binds and unbinds by name, and the errors for that.
#
# Every action takes sp one past the top and returns the new sp, or NULL with the
# exception set and the stack as it was.  Source: ceval.c 3.11.


cdef inline PyObject *name_at(HostFrame *frame, int i) noexcept nogil:
    """The i-th name of the frame's code, borrowed."""
    return PyTuple_GET_ITEM(frame.f_code.co_names, i)


cdef inline bint forgive_missing_key() noexcept nogil:
    """Clears a pending KeyError; False if what is pending is something else."""
    if not PyErr_ExceptionMatches(PyExc_KeyError):
        return False
    PyErr_Clear()
    return True


# -- errors

cdef void attach_name(PyObject *name) noexcept nogil:
    """Gives the pending NameError its `name`, from which suggestions are made."""
    cdef PyObject *kind = NULL
    cdef PyObject *value = NULL
    cdef PyObject *traceback = NULL
    PyErr_Fetch(&kind, &value, &traceback)
    PyErr_NormalizeException(&kind, &value, &traceback)
    if PyErr_GivenExceptionMatches(value, PyExc_NameError):
        # What goes wrong here is replaced by the NameError itself.
        PyObject_SetAttr(value, STR_NAME, name)
    PyErr_Restore(kind, value, traceback)


cdef void raise_undefined(PyObject *name) noexcept nogil:
    """NameError for a name that no namespace has; replaces a pending exception."""
    cdef const char *text = PyUnicode_AsUTF8(name)
    if text == NULL:
        return
    PyErr_Format(PyExc_NameError, b"name '%.200s' is not defined", text)
    attach_name(name)


cdef void raise_unbound(PyObject *name) noexcept nogil:
    """UnboundLocalError for a local variable or a cell of the function's own."""
    cdef const char *text = PyUnicode_AsUTF8(name)
    if text == NULL:
        return
    PyErr_Format(
        PyExc_UnboundLocalError,
        b"cannot access local variable '%s' where it is not associated with a value",
        text)


cdef void raise_unbound_free(PyObject *name) noexcept nogil:
    """NameError for a variable of an enclosing function."""
    cdef const char *text = PyUnicode_AsUTF8(name)
    if text == NULL:
        return
    PyErr_Format(
        PyExc_NameError,
        b"cannot access free variable '%s' where it is not associated with a value in"
        b" enclosing scope",
        text)
    attach_name(name)


cdef void raise_unbound_local(HostFrame *frame, int i) noexcept nogil:
    """The error for LOAD_FAST_CHECK or DELETE_FAST of slot i without a value."""
    raise_unbound(PyTuple_GET_ITEM(frame.f_code.co_localsplusnames, i))


cdef void raise_unbound_deref(HostFrame *frame, int i) noexcept nogil:
    """The error for LOAD_DEREF or DELETE_DEREF of slot i, whose cell is empty."""
    cdef PyCodeObject *code = frame.f_code
    cdef PyObject *name = PyTuple_GET_ITEM(code.co_localsplusnames, i)
    if PyErr_Occurred() != NULL:
        return
    # The variables of enclosing functions are the last slots.
    if i < code.co_nlocalsplus - code.co_nfreevars:
        raise_unbound(name)
    else:
        raise_unbound_free(name)


# -- the frame's own namespace

cdef PyObject *find_in_mapping(PyObject *mapping, PyObject *name) noexcept nogil:
    """The value in a namespace of any type: a new reference, or NULL.

    NULL without an exception says: not there.
    """
    cdef PyObject *value
    if PyDict_CheckExact(mapping):
        value = PyDict_GetItemWithError(mapping, name)
        Py_XINCREF(value)
        return value
    value = PyObject_GetItem(mapping, name)
    if value == NULL:
        forgive_missing_key()
    return value


cdef PyObject *find_in_builtins(HostFrame *frame, PyObject *name) noexcept nogil:
    """The value in the builtins: a new reference, or NULL with the error set."""
    cdef PyObject *value = find_in_mapping(frame.f_builtins, name)
    if value == NULL and PyErr_Occurred() == NULL:
        raise_undefined(name)
    return value


cdef PyObject **load_name(PyObject **sp, HostFrame *frame, int i) noexcept nogil:
    """-- value.  Locals, then globals, then builtins."""
    cdef PyObject *name = name_at(frame, i)
    cdef PyObject *value
    if frame.f_locals == NULL:
        PyErr_Format(PyExc_SystemError, b"no locals when loading %R", name)
        return NULL
    value = find_in_mapping(frame.f_locals, name)
    if value == NULL:
        if PyErr_Occurred() != NULL:
            return NULL
        # Globals of a subclass of dict are read as a dict here, as the host does.
        value = PyDict_GetItemWithError(frame.f_globals, name)
        Py_XINCREF(value)
        if value == NULL:
            if PyErr_Occurred() != NULL:
                return NULL
            value = find_in_builtins(frame, name)
            if value == NULL:
                return NULL
    sp[0] = value
    return sp + 1


cdef PyObject **store_name(PyObject **sp, HostFrame *frame, int i) noexcept nogil:
    """value --"""
    cdef PyObject *name = name_at(frame, i)
    cdef PyObject *value = sp[-1]
    cdef int failed
    if frame.f_locals == NULL:
        PyErr_Format(PyExc_SystemError, b"no locals found when storing %R", name)
        return NULL
    if PyDict_CheckExact(frame.f_locals):
        failed = PyDict_SetItem(frame.f_locals, name, value)
    else:
        failed = PyObject_SetItem(frame.f_locals, name, value)
    if failed:
        return NULL
    Py_DECREF(value)
    return sp - 1


cdef PyObject **delete_name(PyObject **sp, HostFrame *frame, int i) noexcept nogil:
    """--"""
    cdef PyObject *name = name_at(frame, i)
    if frame.f_locals == NULL:
        PyErr_Format(PyExc_SystemError, b"no locals when deleting %R", name)
        return NULL
    if PyObject_DelItem(frame.f_locals, name):
        # Whatever a mapping raised, the program sees a NameError.
        raise_undefined(name)
        return NULL
    return sp


cdef PyObject **load_locals(PyObject **sp, HostFrame *frame) noexcept nogil:
    """-- locals"""
    if frame.f_locals == NULL:
        PyErr_SetString(PyExc_SystemError, b"no locals")
        return NULL
    Py_INCREF(frame.f_locals)
    sp[0] = frame.f_locals
    return sp + 1


cdef PyObject **load_from_dict_or_deref(
    PyObject **sp, HostFrame *frame, int i,
) noexcept nogil:
    """mapping -- value.  A class body reads a variable of an enclosing function."""
    cdef PyObject *mapping = sp[-1]
    cdef PyObject *name = PyTuple_GET_ITEM(frame.f_code.co_localsplusnames, i)
    cdef PyObject *value = find_in_mapping(mapping, name)
    if value == NULL:
        if PyErr_Occurred() != NULL:
            return NULL
        value = PyCell_GET(frame.localsplus[i])
        if value == NULL:
            raise_unbound_deref(frame, i)
            return NULL
        Py_INCREF(value)
    sp[-1] = value
    Py_DECREF(mapping)
    return sp


# -- globals and builtins

cdef PyObject *find_global_slowly(HostFrame *frame, PyObject *name) noexcept nogil:
    """As find_global, when globals or builtins are not exactly dicts."""
    cdef PyObject *value = PyObject_GetItem(frame.f_globals, name)
    if value != NULL or not forgive_missing_key():
        return value
    value = PyObject_GetItem(frame.f_builtins, name)
    if value == NULL and PyErr_ExceptionMatches(PyExc_KeyError):
        raise_undefined(name)
    return value


cdef PyObject *find_global(HostFrame *frame, PyObject *name) noexcept nogil:
    """The value of a global name: a new reference, or NULL with the error set."""
    cdef PyObject *value = NULL
    cdef int found
    if not (PyDict_CheckExact(frame.f_globals) and PyDict_CheckExact(frame.f_builtins)):
        return find_global_slowly(frame, name)
    found = host_find_name(frame.f_globals, name, &value)
    if likely(found == 0):
        found = host_find_name(frame.f_builtins, name, &value)
    if likely(found == 1):
        Py_INCREF(value)
        return value
    value = PyDict_GetItemWithError(frame.f_globals, name)
    if value == NULL:
        if PyErr_Occurred() != NULL:
            return NULL
        value = PyDict_GetItemWithError(frame.f_builtins, name)
        if value == NULL:
            if PyErr_Occurred() == NULL:
                raise_undefined(name)
            return NULL
    Py_INCREF(value)
    return value


cdef PyObject **load_global(PyObject **sp, HostFrame *frame, int oparg) noexcept nogil:
    """-- null*(n&1) value"""
    cdef PyObject *value = find_global(frame, name_at(frame, oparg >> 1))
    if value == NULL:
        return NULL
    if oparg & 1:
        sp[0] = NULL
        sp += 1
    sp[0] = value
    return sp + 1


cdef PyObject **store_global(PyObject **sp, HostFrame *frame, int i) noexcept nogil:
    """value --"""
    cdef PyObject *value = sp[-1]
    if PyDict_SetItem(frame.f_globals, name_at(frame, i), value):
        return NULL
    Py_DECREF(value)
    return sp - 1


cdef PyObject **delete_global(PyObject **sp, HostFrame *frame, int i) noexcept nogil:
    """--"""
    cdef PyObject *name = name_at(frame, i)
    if PyDict_DelItem(frame.f_globals, name):
        if PyErr_ExceptionMatches(PyExc_KeyError):
            raise_undefined(name)
        return NULL
    return sp


cdef PyObject **load_build_class(PyObject **sp, HostFrame *frame) noexcept nogil:
    """-- builder"""
    cdef PyObject *builder = find_in_mapping(frame.f_builtins, STR_BUILD_CLASS)
    if builder == NULL:
        if PyErr_Occurred() == NULL:
            PyErr_SetString(PyExc_NameError, b"__build_class__ not found")
        return NULL
    sp[0] = builder
    return sp + 1


# -- annotations

cdef int store_new_annotations(PyObject *namespace) noexcept nogil:
    """Gives the namespace an empty __annotations__; -1 with the error set."""
    cdef PyObject *annotations = PyDict_New()
    cdef int failed
    if annotations == NULL:
        return -1
    if PyDict_CheckExact(namespace):
        failed = PyDict_SetItem(namespace, STR_ANNOTATIONS, annotations)
    else:
        failed = PyObject_SetItem(namespace, STR_ANNOTATIONS, annotations)
    Py_DECREF(annotations)
    return failed


cdef PyObject **setup_annotations(PyObject **sp, HostFrame *frame) noexcept nogil:
    """--"""
    cdef PyObject *found
    if frame.f_locals == NULL:
        PyErr_Format(
            PyExc_SystemError, b"no locals found when setting up annotations")
        return NULL
    found = find_in_mapping(frame.f_locals, STR_ANNOTATIONS)
    if found != NULL:
        Py_DECREF(found)
        return sp
    if PyErr_Occurred() != NULL or store_new_annotations(frame.f_locals):
        return NULL
    return sp
