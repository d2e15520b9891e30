# Imports: the statement's three instructions.
#
# Every action takes sp one past the top and returns the new sp, or NULL with the
# exception set and the stack as it was.  Source: ceval.c 3.11.


# -- import name

cdef PyObject *import_module(
    HostFrame *frame, PyObject *name, PyObject *names, PyObject *level,
) noexcept nogil:
    """The imported module, a new reference, by the builtins' __import__."""
    cdef PyObject *importer = _PyDict_GetItemWithError(frame.f_builtins, STR_IMPORT)
    cdef PyObject *locals = frame.f_locals
    cdef PyObject *result
    cdef int depth
    if importer == NULL:
        if PyErr_Occurred() == NULL:
            PyErr_SetString(PyExc_ImportError, b"__import__ not found")
        return NULL
    if locals == NULL:
        locals = Py_None
    if importer == host_import_func():
        depth = _PyLong_AsInt(level)
        if depth == -1 and PyErr_Occurred() != NULL:
            return NULL
        return PyImport_ImportModuleLevelObject(
            name, frame.f_globals, locals, names, depth)
    Py_INCREF(importer)
    result = PyObject_CallFunctionObjArgs(
        importer, name, frame.f_globals, locals, names, level, NULL)
    Py_DECREF(importer)
    return result


cdef PyObject **import_name(PyObject **sp, HostFrame *frame, int i) noexcept nogil:
    """level names -- module"""
    cdef PyObject *names = sp[-1]
    cdef PyObject *level = sp[-2]
    cdef PyObject *module = import_module(frame, name_at(frame, i), names, level)
    if module == NULL:
        return NULL
    sp[-2] = module
    Py_DECREF(level)
    Py_DECREF(names)
    return sp - 1


# -- from module import name

cdef void raise_no_location(
    PyObject *name, PyObject *shown, PyObject *own,
) noexcept nogil:
    """ImportError for a module without a file; own is its name or NULL."""
    cdef PyObject *text
    PyErr_Clear()
    text = PyUnicode_FromFormat(
        b"cannot import name %R from %R (unknown location)", name, shown)
    PyErr_SetImportError(text, own, NULL)
    Py_XDECREF(text)


cdef void raise_at_location(
    PyObject *module, PyObject *name, PyObject *shown, PyObject *own, PyObject *path,
) noexcept nogil:
    """ImportError for a module with a file; own is its name or NULL."""
    cdef PyObject *spec = PyObject_GetAttr(module, STR_SPEC)
    cdef PyObject *text
    if _PyModuleSpec_IsInitializing(spec):
        text = PyUnicode_FromFormat(
            b"cannot import name %R from partially initialized module %R"
            b" (most likely due to a circular import) (%S)",
            name, shown, path)
    else:
        text = PyUnicode_FromFormat(
            b"cannot import name %R from %R (%S)", name, shown, path)
    Py_XDECREF(spec)
    PyErr_SetImportError(text, own, path)
    Py_XDECREF(text)


cdef void raise_cannot_import(
    PyObject *module, PyObject *name, PyObject *own,
) noexcept nogil:
    """ImportError for a name the module lacks; own is the module's name or NULL."""
    cdef PyObject *path = PyModule_GetFilenameObject(module)
    cdef PyObject *shown = own
    if own == NULL:
        shown = PyUnicode_FromString(b"<unknown module name>")
        if shown == NULL:
            Py_XDECREF(path)
            return
    if path == NULL or not PyUnicode_Check(path):
        raise_no_location(name, shown, own)
    else:
        raise_at_location(module, name, shown, own, path)
    Py_XDECREF(path)
    if own == NULL:
        Py_DECREF(shown)


cdef PyObject *import_submodule(PyObject *own, PyObject *name) noexcept nogil:
    """The already imported module `own`.name, a new reference, or NULL.

    A circular import has the submodule in sys.modules before its parent has it.
    """
    cdef PyObject *full = PyUnicode_FromFormat(b"%U.%U", own, name)
    cdef PyObject *result
    if full == NULL:
        return NULL
    result = PyImport_GetModule(full)
    Py_DECREF(full)
    return result


cdef PyObject *import_attribute(PyObject *module, PyObject *name) noexcept nogil:
    """What `from module import name` binds, a new reference; NULL with an error."""
    cdef PyObject *result = NULL
    cdef PyObject *own
    if _PyObject_LookupAttr(module, name, &result) != 0:
        return result
    own = PyObject_GetAttr(module, STR_MODULE_NAME)
    if own != NULL and not PyUnicode_Check(own):
        Py_DECREF(own)
        own = NULL
    if own == NULL:
        raise_cannot_import(module, name, NULL)
        return NULL
    result = import_submodule(own, name)
    if result == NULL and PyErr_Occurred() == NULL:
        raise_cannot_import(module, name, own)
    Py_DECREF(own)
    return result


cdef PyObject **import_from(PyObject **sp, HostFrame *frame, int i) noexcept nogil:
    """module -- module attribute"""
    cdef PyObject *attribute = import_attribute(sp[-1], name_at(frame, i))
    if attribute == NULL:
        return NULL
    sp[0] = attribute
    return sp + 1


# -- from module import *

cdef PyObject *names_to_import(PyObject *module, bint *declared) noexcept nogil:
    """The names in a new list or sequence; *declared: they are __all__."""
    cdef PyObject *names = NULL
    cdef PyObject *attributes = NULL
    declared[0] = True
    if _PyObject_LookupAttr(module, STR_ALL, &names) != 0:
        return names
    declared[0] = False
    if _PyObject_LookupAttr(module, STR_DICT, &attributes) < 0:
        return NULL
    if attributes == NULL:
        PyErr_SetString(
            PyExc_ImportError, b"from-import-* object has no __dict__ and no __all__")
        return NULL
    names = PyMapping_Keys(attributes)
    Py_DECREF(attributes)
    return names


cdef void raise_bad_star_name(
    PyObject *module, PyObject *name, bint declared,
) noexcept nogil:
    """TypeError for a name to import that is no string."""
    cdef PyObject *own = PyObject_GetAttr(module, STR_MODULE_NAME)
    if own == NULL:
        return
    if not PyUnicode_Check(own):
        PyErr_Format(
            PyExc_TypeError,
            b"module __name__ must be a string, not %.100s", Py_TYPE(own).tp_name)
    elif declared:
        PyErr_Format(
            PyExc_TypeError,
            b"Item in %U.__all__ must be str, not %.100s", own, Py_TYPE(name).tp_name)
    else:
        PyErr_Format(
            PyExc_TypeError,
            b"Key in %U.__dict__ must be str, not %.100s", own, Py_TYPE(name).tp_name)
    Py_DECREF(own)


cdef int import_star_name(
    PyObject *module, PyObject *name, bint declared, PyObject *locals,
) noexcept nogil:
    """Binds one name of the module's in the namespace; -1 with the error set."""
    cdef PyObject *value
    cdef int failed
    if not PyUnicode_Check(name):
        raise_bad_star_name(module, name, declared)
        return -1
    if not declared and PyUnicode_READ_CHAR(name, 0) == c'_':
        return 0
    value = PyObject_GetAttr(module, name)
    if value == NULL:
        return -1
    if PyDict_CheckExact(locals):
        failed = PyDict_SetItem(locals, name, value)
    else:
        failed = PyObject_SetItem(locals, name, value)
    Py_DECREF(value)
    return failed


cdef int import_all(PyObject *module, PyObject *locals) noexcept nogil:
    """Binds every public name of the module's; -1 with the error set."""
    cdef bint declared = False
    cdef PyObject *names = names_to_import(module, &declared)
    cdef PyObject *name
    cdef Py_ssize_t position = 0
    cdef int failed = 0
    if names == NULL:
        return -1
    while not failed:
        # Any sequence will do for __all__: its end is an IndexError.
        name = PySequence_GetItem(names, position)
        if name == NULL:
            if PyErr_ExceptionMatches(PyExc_IndexError):
                PyErr_Clear()
            else:
                failed = -1
            break
        failed = import_star_name(module, name, declared, locals)
        Py_DECREF(name)
        position += 1
    Py_DECREF(names)
    return failed


cdef PyObject **import_star(PyObject **sp, HostFrame *frame) noexcept nogil:
    """module -- None.  The frame must be the current one, its pointer stored.

    Goes through the frame object: code made by hand may have fast locals to bring in
    step with the namespace, before and after.
    """
    cdef PyFrameObject *shown = host_frame_object(PyThreadState_Get(), frame)
    cdef int failed
    if shown == NULL:
        PyErr_NoMemory()
        return NULL
    if PyFrame_FastToLocalsWithError(shown) < 0:
        return NULL
    failed = import_all(sp[-1], frame.f_locals)
    PyFrame_LocalsToFast(shown, 0)
    if failed:
        return NULL
    return replace_by_none(sp)
