# LOAD_GLOBAL: -- null*(n&1) value.  Text of _core.pyx; the base is in names.pxi.

cdef inline bint has_cached_keys(
    PyObject *namespace, uint16_t *next, int cell
) noexcept nogil:
    """Whether the namespace is a dict whose keys are still those the cell speaks of."""
    return PyDict_CheckExact(namespace) and host_assigned_version(
        host_keys_of(namespace)
    ) == host_from_16(cached_u16(next, cell))


cdef inline PyObject *module_global(HostFrame *frame, uint16_t *next) noexcept nogil:
    """The module's value at the cached index, borrowed; NULL if keys have changed."""
    if unlikely(
        not has_cached_keys(
            frame.f_globals, next, ops.LOAD_GLOBAL_MODULE_KEYS_VERSION_CELL
        )
    ):
        return NULL
    return host_entry_value(
        host_keys_of(frame.f_globals), cached_u16(next, ops.LOAD_GLOBAL_INDEX_CELL)
    )


cdef inline PyObject *builtin_global(HostFrame *frame, uint16_t *next) noexcept nogil:
    """The builtin's value at the cached index; NULL if keys of either dict changed."""
    if unlikely(
        not has_cached_keys(
            frame.f_globals, next, ops.LOAD_GLOBAL_MODULE_KEYS_VERSION_CELL
        )
        or not has_cached_keys(
            frame.f_builtins, next, ops.LOAD_GLOBAL_BUILTIN_KEYS_VERSION_CELL
        )
    ):
        return NULL
    return host_entry_value(
        host_keys_of(frame.f_builtins), cached_u16(next, ops.LOAD_GLOBAL_INDEX_CELL)
    )


cdef inline PyObject **push_global(
    PyObject **sp, PyObject *value, int oparg
) noexcept nogil:
    """-- null*(n&1) value; takes a new reference."""
    Py_INCREF(value)
    if oparg & 1:
        sp[0] = NULL
        sp += 1
    sp[0] = value
    return sp + 1


cdef int note_keys(Site site, PyObject *namespace, int cell) noexcept:
    """Writes the version of the namespace's keys into the cell; GO_ON, or why not."""
    cdef uint32_t version
    if not PyDict_CheckExact(namespace) or not host_has_name_keys(namespace):
        return ops.REASON_NOT_A_PLAIN_DICT
    version = host_keys_version(host_keys_of(namespace))
    if version == 0:
        return ops.REASON_NO_VERSION
    if not host_fits_16(version):
        return ops.REASON_OUT_OF_RANGE
    store_u16(site.at, cell, <uint16_t>version)
    return GO_ON


cdef int fill_load_global(Site site, int form) noexcept:
    cdef PyObject *namespace = site.frame.f_globals
    cdef Py_ssize_t index
    cdef int outcome = note_keys(
        site, namespace, ops.LOAD_GLOBAL_MODULE_KEYS_VERSION_CELL
    )
    if outcome == GO_ON and form == ops.LOAD_GLOBAL_BUILTIN:
        if host_entry_index(namespace, name_at(site.frame, site.oparg >> 1)) >= 0:
            return ops.REASON_SHADOWED
        namespace = site.frame.f_builtins
        outcome = note_keys(site, namespace, ops.LOAD_GLOBAL_BUILTIN_KEYS_VERSION_CELL)
    if outcome != GO_ON:
        return outcome
    index = host_entry_index(namespace, name_at(site.frame, site.oparg >> 1))
    if index < 0:
        return ops.REASON_NAME_NOT_FOUND
    if index > 0xFFFF:
        return ops.REASON_OUT_OF_RANGE
    store_u16(site.at, ops.LOAD_GLOBAL_INDEX_CELL, <uint16_t>index)
    return GO_ON


cdef str home_of_global(HostFrame *frame, PyObject *name):
    """Which namespace has the name: "module", "builtins", or "" for none."""
    cdef PyObject *value = NULL
    cdef int found
    if not (PyDict_CheckExact(frame.f_globals) and PyDict_CheckExact(frame.f_builtins)):
        return "unknown"
    found = host_find_name(frame.f_globals, name, &value)
    if found == 0:
        found = host_find_name(frame.f_builtins, name, &value)
        if found == 1:
            return "builtins"
    if found == 1:
        return "module"
    return "" if found == 0 else "unknown"
