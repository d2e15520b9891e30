# Matching: what a match statement asks of its subject.
#
# Every action takes sp one past the top and returns the new sp, or NULL with the
# exception set and the stack as it was.  Source: PEP 634; ceval.c 3.11.


# -- lengths and kinds

cdef PyObject **get_len(PyObject **sp) noexcept nogil:
    """subject -- subject length"""
    cdef Py_ssize_t size = PyObject_Size(sp[-1])
    cdef PyObject *length
    if size < 0:
        return NULL
    length = PyLong_FromSsize_t(size)
    if length == NULL:
        return NULL
    sp[0] = length
    return sp + 1


cdef inline PyObject **match_flag(PyObject **sp, unsigned long flag) noexcept nogil:
    """subject -- subject bool: whether its type has the flag.  Cannot fail."""
    cdef PyObject *result = Py_True if Py_TYPE(sp[-1]).tp_flags & flag else Py_False
    Py_INCREF(result)
    sp[0] = result
    return sp + 1


cdef PyObject **match_mapping(PyObject **sp) noexcept nogil:
    """subject -- subject bool"""
    return match_flag(sp, Py_TPFLAGS_MAPPING)


cdef PyObject **match_sequence(PyObject **sp) noexcept nogil:
    """subject -- subject bool"""
    return match_flag(sp, Py_TPFLAGS_SEQUENCE)


# -- keys

cdef bint first_seen(PyObject *seen, PyObject *item) noexcept nogil:
    """Adds the item to the set.  False: it was there, or there is an error."""
    return not PySet_Contains(seen, item) and not PySet_Add(seen, item)


cdef PyObject *value_at_key(
    PyObject *mapping, PyObject *get, bint is_method, PyObject *key, PyObject *absent,
) noexcept nogil:
    """mapping.get(key, absent), a new reference; NULL with an error."""
    cdef PyObject *arguments[3]
    arguments[0] = mapping
    arguments[1] = key
    arguments[2] = absent
    if is_method:
        return PyObject_Vectorcall(get, arguments, 3, NULL)
    return PyObject_Vectorcall(get, arguments + 1, 2, NULL)


cdef PyObject *collect_values(
    PyObject *mapping, PyObject *keys, PyObject *get, bint is_method, PyObject *absent,
) noexcept nogil:
    """The tuple of the keys' values, or None if one lacks; NULL with an error."""
    cdef PyObject *seen = PySet_New(NULL)
    cdef PyObject *values = PyTuple_New(PyTuple_GET_SIZE(keys))
    cdef PyObject *key
    cdef PyObject *value
    cdef Py_ssize_t i
    cdef bint done = seen != NULL and values != NULL
    for i in range(PyTuple_GET_SIZE(keys) if done else 0):
        key = PyTuple_GET_ITEM(keys, i)
        done = first_seen(seen, key)
        if not done:
            if PyErr_Occurred() == NULL:
                PyErr_Format(
                    PyExc_ValueError,
                    b"mapping pattern checks duplicate key (%R)", key)
            break
        value = value_at_key(mapping, get, is_method, key, absent)
        done = value != NULL
        if not done:
            break
        if value == absent:
            Py_DECREF(value)
            Py_DECREF(values)
            Py_INCREF(Py_None)
            values = Py_None
            break
        PyTuple_SET_ITEM(values, i, value)
    Py_XDECREF(seen)
    if not done:
        Py_XDECREF(values)
        return NULL
    return values


cdef PyObject *values_of_keys(PyObject *mapping, PyObject *keys) noexcept nogil:
    """As collect_values, for any number of keys."""
    cdef PyObject *get = NULL
    cdef PyObject *absent
    cdef PyObject *values = NULL
    cdef bint is_method
    if PyTuple_GET_SIZE(keys) == 0:
        return PyTuple_New(0)
    # get() asks without creating the key, as defaultdict's __missing__ would.
    is_method = _PyObject_GetMethod(mapping, STR_GET, &get)
    if get == NULL:
        return NULL
    absent = PyObject_CallNoArgs(<PyObject *>&PyBaseObject_Type)
    if absent != NULL:
        values = collect_values(mapping, keys, get, is_method, absent)
        Py_DECREF(absent)
    Py_DECREF(get)
    return values


cdef PyObject **match_keys(PyObject **sp) noexcept nogil:
    """subject keys -- subject keys values_or_none"""
    cdef PyObject *values = values_of_keys(sp[-2], sp[-1])
    if values == NULL:
        return NULL
    sp[0] = values
    return sp + 1


# -- classes

cdef bint add_attribute(
    PyObject *subject, PyTypeObject *kind, PyObject *name,
    PyObject *seen, PyObject *attributes,
) noexcept nogil:
    """Appends the subject's attribute.  False: no match, or there is an error."""
    cdef PyObject *value
    cdef int failed
    if not first_seen(seen, name):
        if PyErr_Occurred() == NULL:
            PyErr_Format(
                PyExc_TypeError,
                b"%s() got multiple sub-patterns for attribute %R", kind.tp_name, name)
        return False
    value = PyObject_GetAttr(subject, name)
    if value == NULL:
        if PyErr_ExceptionMatches(PyExc_AttributeError):
            PyErr_Clear()
        return False
    failed = PyList_Append(attributes, value)
    Py_DECREF(value)
    return not failed


cdef PyObject *positional_names(PyTypeObject *kind, bint *is_self) noexcept nogil:
    """The class's __match_args__, a new exact tuple; NULL with an error.

    *is_self: it has none, but is of the builtin types that match as themselves.
    """
    cdef PyObject *names = PyObject_GetAttr(<PyObject *>kind, STR_MATCH_ARGS)
    is_self[0] = False
    if names == NULL:
        if not PyErr_ExceptionMatches(PyExc_AttributeError):
            return NULL
        PyErr_Clear()
        is_self[0] = PyType_HasFeature(kind, _Py_TPFLAGS_MATCH_SELF)
        return PyTuple_New(0)
    if not PyTuple_CheckExact(names):
        PyErr_Format(
            PyExc_TypeError,
            b"%s.__match_args__ must be a tuple (got %s)",
            kind.tp_name, Py_TYPE(names).tp_name)
        Py_DECREF(names)
        return NULL
    return names


cdef bint add_named(
    PyObject *subject, PyTypeObject *kind, PyObject *names, Py_ssize_t nargs,
    PyObject *seen, PyObject *attributes,
) noexcept nogil:
    """Appends the attributes that the first nargs of __match_args__ name."""
    cdef PyObject *name
    cdef Py_ssize_t i
    for i in range(nargs):
        name = PyTuple_GET_ITEM(names, i)
        if not PyUnicode_CheckExact(name):
            PyErr_Format(
                PyExc_TypeError,
                b"__match_args__ elements must be strings (got %s)",
                Py_TYPE(name).tp_name)
            return False
        if not add_attribute(subject, kind, name, seen, attributes):
            return False
    return True


cdef bint add_positional(
    PyObject *subject, PyTypeObject *kind, Py_ssize_t nargs,
    PyObject *seen, PyObject *attributes,
) noexcept nogil:
    """Appends what the positional sub-patterns match; False as add_attribute."""
    cdef bint is_self = False
    cdef bint matched
    cdef Py_ssize_t allowed
    cdef PyObject *names = positional_names(kind, &is_self)
    if names == NULL:
        return False
    allowed = 1 if is_self else PyTuple_GET_SIZE(names)
    if allowed < nargs:
        PyErr_Format(
            PyExc_TypeError,
            b"%s() accepts %zd positional sub-pattern%s (%zd given)",
            kind.tp_name, allowed, b"" if allowed == 1 else b"s", nargs)
        matched = False
    elif is_self:
        matched = not PyList_Append(attributes, subject)
    else:
        matched = add_named(subject, kind, names, nargs, seen, attributes)
    Py_DECREF(names)
    return matched


cdef bint add_all(
    PyObject *subject, PyTypeObject *kind, Py_ssize_t nargs, PyObject *names,
    PyObject *seen, PyObject *attributes,
) noexcept nogil:
    """Appends what all sub-patterns match; False as add_attribute."""
    cdef Py_ssize_t i
    if nargs and not add_positional(subject, kind, nargs, seen, attributes):
        return False
    for i in range(PyTuple_GET_SIZE(names)):
        if not add_attribute(
                subject, kind, PyTuple_GET_ITEM(names, i), seen, attributes):
            return False
    return True


cdef PyObject *matched_attributes(
    PyObject *subject, PyTypeObject *kind, Py_ssize_t nargs, PyObject *names,
) noexcept nogil:
    """The tuple of what the sub-patterns match; NULL: no match, or an error."""
    cdef PyObject *seen = PySet_New(NULL)
    cdef PyObject *attributes = PyList_New(0)
    cdef PyObject *result = NULL
    if seen != NULL and attributes != NULL:
        if add_all(subject, kind, nargs, names, seen, attributes):
            result = PyList_AsTuple(attributes)
    Py_XDECREF(seen)
    Py_XDECREF(attributes)
    return result


cdef PyObject **match_class(PyObject **sp, int nargs) noexcept nogil:
    """subject class names -- attributes_or_none"""
    cdef PyObject *names = sp[-1]
    cdef PyObject *kind = sp[-2]
    cdef PyObject *subject = sp[-3]
    cdef PyObject *result = NULL
    if not PyType_Check(kind):
        PyErr_SetString(PyExc_TypeError, b"called match pattern must be a type")
        return NULL
    if PyObject_IsInstance(subject, kind) > 0:
        result = matched_attributes(subject, <PyTypeObject *>kind, nargs, names)
    if result == NULL:
        if PyErr_Occurred() != NULL:
            return NULL
        Py_INCREF(Py_None)
        result = Py_None
    sp[-3] = result
    Py_DECREF(names)
    Py_DECREF(kind)
    Py_DECREF(subject)
    return sp - 2
