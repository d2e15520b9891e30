# TO_BOOL: value -- bool.  Text of _core.pyx.

cdef inline int truth_of(PyObject *value) noexcept nogil:
    """1, 0, or -1 with an exception."""
    if value is Py_True:
        return 1
    if value is Py_False or value is Py_None:
        return 0
    return PyObject_IsTrue(value)


cdef inline PyObject **to_bool(PyObject **sp, bint invert) noexcept nogil:
    """The truth of the value, or with `invert` its opposite."""
    cdef PyObject *value = sp[-1]
    cdef int truth = truth_of(value)
    if unlikely(truth < 0):
        return NULL
    sp[-1] = new_bool(truth ^ invert)
    Py_DECREF(value)
    return sp


# -- forms

cdef inline bint is_true_by_type(PyObject *value, uint16_t *next) noexcept nogil:
    """Whether the value is of the type whose instances all were true."""
    return host_version_tag(Py_TYPE(value)) == cached_u32(
        next, ops.TO_BOOL_TYPE_VERSION_CELL
    )


cdef int fill_to_bool(Site site, int form) noexcept:
    cdef uint32_t version
    if form == ops.TO_BOOL_ALWAYS_TRUE:
        # None and False have numbers' truth, or a length; a subclass may get one.
        if not host_is_always_true(Py_TYPE(site.sp[-1])) or site.sp[-1] is Py_None:
            return ops.REASON_NO_FORM_FOR_TYPES
        version = version_of(Py_TYPE(site.sp[-1]))
        if version == 0:
            return ops.REASON_NO_VERSION
        store_u32(site.at, ops.TO_BOOL_TYPE_VERSION_CELL, version)
    return GO_ON
