# The names that actions look up, interned once.
#
# Owns one reference to each for the life of the process.  The strings are the host's
# own interned ones, so that dictionaries find them by pointer.

cdef PyObject *STR_EMPTY = NULL
cdef PyObject *STR_AENTER = NULL
cdef PyObject *STR_AEXIT = NULL
cdef PyObject *STR_ALL = NULL
cdef PyObject *STR_ANNOTATIONS = NULL
cdef PyObject *STR_BUILD_CLASS = NULL
cdef PyObject *STR_CLASS = NULL
cdef PyObject *STR_DICT = NULL
cdef PyObject *STR_ENTER = NULL
cdef PyObject *STR_EXIT = NULL
cdef PyObject *STR_FLUSH = NULL
cdef PyObject *STR_GET = NULL
cdef PyObject *STR_GETATTR = NULL
cdef PyObject *STR_GETATTRIBUTE = NULL
cdef PyObject *STR_GETITEM = NULL
cdef PyObject *STR_IMPORT = NULL
cdef PyObject *STR_INIT = NULL
cdef PyObject *STR_MATCH_ARGS = NULL
cdef PyObject *STR_MODULE_NAME = NULL
cdef PyObject *STR_NAME = NULL
cdef PyObject *STR_SEND = NULL
cdef PyObject *STR_SPEC = NULL
cdef PyObject *STR_SPLIT = NULL


cdef int intern_name(PyObject **slot, const char *text) except -1:
    """Sets the slot to the interned string.  Raises: MemoryError."""
    slot[0] = PyUnicode_InternFromString(text)
    if slot[0] == NULL:
        raise MemoryError
    return 0


cdef int init_names_actions() except -1:
    """Interns every name of this file; call it once, before the first frame runs."""
    intern_name(&STR_EMPTY, b"")
    intern_name(&STR_AENTER, b"__aenter__")
    intern_name(&STR_AEXIT, b"__aexit__")
    intern_name(&STR_ALL, b"__all__")
    intern_name(&STR_ANNOTATIONS, b"__annotations__")
    intern_name(&STR_BUILD_CLASS, b"__build_class__")
    intern_name(&STR_CLASS, b"__class__")
    intern_name(&STR_DICT, b"__dict__")
    intern_name(&STR_ENTER, b"__enter__")
    intern_name(&STR_EXIT, b"__exit__")
    intern_name(&STR_FLUSH, b"flush")
    intern_name(&STR_GET, b"get")
    intern_name(&STR_GETATTR, b"__getattr__")
    intern_name(&STR_GETATTRIBUTE, b"__getattribute__")
    intern_name(&STR_GETITEM, b"__getitem__")
    intern_name(&STR_IMPORT, b"__import__")
    intern_name(&STR_INIT, b"__init__")
    intern_name(&STR_MATCH_ARGS, b"__match_args__")
    intern_name(&STR_MODULE_NAME, b"__name__")
    intern_name(&STR_NAME, b"name")
    intern_name(&STR_SEND, b"send")
    intern_name(&STR_SPEC, b"__spec__")
    intern_name(&STR_SPLIT, b"split")
    return 0
