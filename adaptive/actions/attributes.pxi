# The attribute cache: where a name is found for the instances of a type.
# Text of _core.pyx.
#
# One table for the whole process, so that the base forms of LOAD_ATTR and
# STORE_ATTR are fast at sites that see many types.  An entry is keyed by a type's
# version, which the host changes with the type and never uses again, and by the address
# of the name.  It owns nothing: it is only kept where the type itself holds the name
# and what was found, as a key of a dict in its MRO or among its instances' shared
# names, so that both live as long as the version can be met (I5).

cdef enum Place:
    NOWHERE         # only the host can tell
    INSTANCE        # in the instance, nothing of that name in the type
    SLOT            # at a fixed offset
    METHOD          # a method of the type, unless the instance has the name too
    CLASS           # another value of the type, under the same condition

# 32 bytes, so that an entry lies in one line of the processor's cache.
ctypedef struct Attribute:
    unsigned int version    # 0: not to be met again
    unsigned short place    # a Place
    unsigned short offset   # SLOT, in bytes
    PyObject *name          # borrowed
    PyObject *found         # borrowed: METHOD and CLASS
    int index               # among the inline values, or -1
    int shared_names        # how many names were looked through for the index

cdef enum:
    ATTRIBUTE_CACHE_SIZE = 4096     # a power of two; 128 KiB
    MOST_OFFSET = 0xFFFF
    UNKNOWN = -1

cdef Attribute[ATTRIBUTE_CACHE_SIZE] attribute_cache


cdef void locate(Attribute *entry, PyTypeObject *kind, PyObject *name) noexcept nogil:
    """Fills the entry's place for a type and a name; `_PyType_Lookup` runs no code."""
    cdef PyObject *found = _PyType_Lookup(kind, name)
    cdef Py_ssize_t offset
    entry.place = NOWHERE
    entry.found = found
    entry.index = -1
    entry.shared_names = UNKNOWN
    if found is NULL:
        if host_has_managed_dict(kind):
            entry.place = INSTANCE
    elif host_is_of_mutable_type(found):
        return      # it may become a descriptor without a change of `kind`
    elif host_slot_offset(kind, found, &offset):
        if offset <= MOST_OFFSET:
            entry.offset = <unsigned short>offset
            entry.place = SLOT
    elif host_is_data_descriptor(found):
        return
    elif PyType_HasFeature(Py_TYPE(found), Py_TPFLAGS_METHOD_DESCRIPTOR):
        entry.place = METHOD
    elif not host_is_descriptor(found):
        entry.place = CLASS


cdef inline int value_index(PyTypeObject *kind, Attribute *entry) noexcept nogil:
    """The name's index among the inline values of the type's instances, or -1.

    A name that had none may have got one since: the shared names only grow.
    """
    if unlikely(entry.index < 0 and host_shared_names(kind) != entry.shared_names):
        entry.index = host_shared_index(kind, entry.name)
        entry.shared_names = host_shared_names(kind)
    return entry.index


cdef bint holds_name(
    PyTypeObject *kind, PyObject *name, PyObject *found
) noexcept nogil:
    """Whether the name itself, not its equal, is the key of what the type was asked."""
    cdef PyObject *value = NULL
    cdef Py_ssize_t i
    for i in range(PyTuple_GET_SIZE(kind.tp_mro)):
        if host_find_name(
            (<PyTypeObject *>PyTuple_GET_ITEM(kind.tp_mro, i)).tp_dict, name, &value
        ) != 0:
            return value is found
    return False


cdef Attribute *learn(
    Attribute *entry, PyObject *owner, PyTypeObject *kind, PyObject *name
) noexcept nogil:
    """What there is to know of the name, kept if the type keeps it; NULL if nothing.

    Every entry has a second place, its neighbour, for what it held before: names that
    are met in turn and fall on the same entry do not drive each other out.
    """
    cdef unsigned int version = host_version_tag(kind)
    cdef Attribute *second = &attribute_cache[(entry - attribute_cache) ^ 1]
    if second.version == version and second.name is name and version != 0:
        return second
    if entry.version != 0:
        second[0] = entry[0]
    entry.version = 0
    if not host_loads_generically(kind) or not PyUnicode_CHECK_INTERNED(name):
        return NULL
    locate(entry, kind, name)
    entry.name = name
    if entry.found is not NULL:
        if holds_name(kind, name, entry.found):
            entry.version = host_type_version(kind)
    elif (
        entry.place == INSTANCE and owner is not NULL
        and host_instance_values(owner) is not NULL
    ):
        if value_index(kind, entry) >= 0:
            entry.version = host_type_version(kind)
    return entry


cdef inline Attribute *attribute_of(
    PyObject *owner, PyTypeObject *kind, PyObject *name
) noexcept nogil:
    """What is known of a name for the instances of the owner's type, or NULL.

    Without an owner, nothing new is learnt of what stands in instances only.
    """
    cdef unsigned int version = host_version_tag(kind)
    cdef size_t mixed = (<size_t>name >> 4) ^ version
    cdef Attribute *entry = &attribute_cache[mixed & (ATTRIBUTE_CACHE_SIZE - 1)]
    if likely(entry.version == version) and likely(entry.name is name):
        return entry if likely(version != 0) else NULL
    return learn(entry, owner, kind, name)


cdef inline PyObject *found_in_type(
    PyTypeObject *kind, PyObject *name
) noexcept nogil:
    """`_PyType_Lookup`: borrowed, or NULL without an exception."""
    cdef Attribute *entry = attribute_of(NULL, kind, name)
    return entry.found if likely(entry is not NULL) else _PyType_Lookup(kind, name)


cdef inline bint may_shadow(
    PyObject *owner, PyTypeObject *kind, Attribute *entry
) noexcept nogil:
    """Whether the instance might have a value of its own under the name."""
    cdef PyObject **values
    cdef PyObject *dict
    cdef PyObject *own = NULL
    cdef int index
    if not host_has_managed_dict(kind):
        return not host_has_no_dict(kind)
    values = host_instance_values(owner)
    if likely(values is not NULL):
        index = value_index(kind, entry)
        return index >= 0 and values[index] is not NULL
    dict = host_instance_dict(owner)
    return dict is not NULL and host_find_name(dict, entry.name, &own) != 0


cdef inline PyObject *own_attribute(
    PyObject *owner, PyTypeObject *kind, Attribute *entry
) noexcept nogil:
    """The instance's own value, borrowed; NULL if there is none to be seen."""
    cdef PyObject **values = host_instance_values(owner)
    cdef PyObject *dict
    cdef PyObject *own = NULL
    cdef int index
    if likely(values is not NULL):
        index = value_index(kind, entry)
        return values[index] if likely(index >= 0) else NULL
    dict = host_instance_dict(owner)
    if dict is not NULL and host_find_name(dict, entry.name, &own) == 1:
        return own
    return NULL


cdef inline PyObject **slot_at(PyObject *owner, Py_ssize_t offset) noexcept nogil:
    return <PyObject **>(<char *>owner + offset)


cdef inline PyObject *known_attribute(
    PyObject *owner, PyTypeObject *kind, Attribute *entry
) noexcept nogil:
    """The attribute's value, borrowed, if it is no method and the cache can tell."""
    if entry.place == INSTANCE:
        return own_attribute(owner, kind, entry)
    if entry.place == SLOT:
        return slot_at(owner, entry.offset)[0]
    if entry.place == CLASS and not may_shadow(owner, kind, entry):
        return entry.found
    return NULL


cdef PyObject *module_attribute(PyObject *module, PyObject *name) noexcept nogil:
    """A module's global, borrowed, if no attribute of the module type comes first."""
    cdef PyObject *value = NULL
    if PyUnicode_READ_CHAR(name, 0) == c"_":
        return NULL
    if host_find_name(PyModule_GetDict(module), name, &value) == 1:
        return value
    return NULL


cdef inline PyObject *find_attribute(PyObject *owner, PyObject *name) noexcept nogil:
    """The attribute's value, a new reference, if it is found at once; no error."""
    cdef PyTypeObject *kind = Py_TYPE(owner)
    cdef Attribute *entry
    cdef PyObject *value = NULL
    if PyModule_CheckExact(owner):
        value = module_attribute(owner, name)
    else:
        entry = attribute_of(owner, kind, name)
        if likely(entry is not NULL):
            value = known_attribute(owner, kind, entry)
    Py_XINCREF(value)
    return value
