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
    cdef PyObject *init = found_in_type(<PyTypeObject *>made_type, STR_INIT)
    cdef PyObject *made
    cdef HostFrame *frame
    if init is NULL or not host_is_plain_function(init) or host_recursion_left(ts) < 2:
        return NULL
    callee[0] = callee_of(ts, init)
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
    Py_INCREF(init)
    host_count_recursion(ts)
    record_of(frame).kept = base
    record_of(frame).made = made
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
    return push_known(ts, callable, callee[0], args, count, kwnames)


cdef inline HostFrame *push_known(
    PyThreadState *ts, PyObject *callable, CodeState *callee, PyObject **args,
    Py_ssize_t count, PyObject *kwnames
) noexcept nogil:
    """The same where the code's state is known already."""
    cdef PyFunctionObject *function = <PyFunctionObject *>callable
    cdef HostFrame *frame = NULL
    if likely(callee.plain_arguments and kwnames is NULL):
        if count == callee.code.co_argcount:
            frame = push_plain_call(ts, function, callee, args, count)
        else:
            frame = push_with_defaults(ts, function, callee, args, count)
    else:
        frame = push_call(ts, function, callee, args, count, kwnames)
        if frame is not NULL:
            drop(args, args + count + keyword_count(kwnames))
    if likely(frame is not NULL):
        record_of(frame).kept = NULL
    return frame


cdef inline bint may_push(PyObject **base) noexcept nogil:
    """Whether push_callee can do anything with what is called."""
    cdef PyTypeObject *kind = Py_TYPE(base[1] if base[0] is NULL else base[0])
    return kind is &PyFunction_Type or kind is &PyType_Type


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
    return finish_call(base, sp, result)


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
    callee[0] = callee_of(ts, callable)
    if callee[0] is NULL:
        return NULL
    frame = push_frame(ts, function, callee[0])
    if frame is NULL:
        return NULL
    if not bind_from_tuple_and_dict(
        function, frame.f_code, frame.localsplus, bound, base[2], kwargs
    ):
        cancel_call(ts, frame)
        return NULL
    Py_INCREF(callable)
    record_of(frame).kept = base
    record_of(frame).made = NULL
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


# -- forms.  What is called stands at base[1], or at base[0] with its first argument at
# base[1]; a form finds out which by looking at base[0].

cdef inline PyObject *callable_at(PyObject **base) noexcept nogil:
    return base[1] if base[0] is NULL else base[0]


cdef inline PyObject **arguments_at(PyObject **base) noexcept nogil:
    return base + 2 if base[0] is NULL else base + 1


cdef inline Py_ssize_t count_at(PyObject **base, int oparg) noexcept nogil:
    return oparg if base[0] is NULL else oparg + 1


cdef inline bint is_bound_method(PyObject **base) noexcept nogil:
    return base[0] is NULL and Py_IS_TYPE(base[1], &PyMethod_Type)


cdef inline bint is_called_with_one(
    PyObject **base, int oparg, PyTypeObject *kind
) noexcept nogil:
    """kind(x): for a type that makes something of one argument."""
    return oparg == 1 and base[0] is NULL and base[1] is <PyObject *>kind


cdef inline PyObject **finish_call(
    PyObject **base, PyObject **sp, PyObject *result
) noexcept nogil:
    """The operands at `base` are dropped for the result; NULL, with them kept, if none.

    Only the lowest of them may be NULL.
    """
    if unlikely(result is NULL):
        return NULL
    while sp > base + 1:
        sp -= 1
        drop_value(sp[0])
    drop_if_any(base[0])
    base[0] = result
    return base + 1


cdef PyObject **call_type_1(PyObject **base, PyObject **sp) noexcept nogil:
    """type(x)"""
    cdef PyObject *kind = <PyObject *>Py_TYPE(base[2])
    Py_INCREF(kind)
    return finish_call(base, sp, kind)


cdef inline Py_ssize_t length_of(PyObject *value) noexcept nogil:
    """len(value), or -1 with an exception."""
    if likely(PyList_CheckExact(value) or PyTuple_CheckExact(value)):
        return Py_SIZE(value)
    return PyObject_Size(value)


cdef inline PyObject **call_len(PyObject **base) noexcept nogil:
    """null len value -- length"""
    cdef Py_ssize_t length = length_of(base[2])
    cdef PyObject *result
    if unlikely(length < 0):
        return NULL
    result = host_new_int(length)
    if unlikely(result is NULL):
        return NULL
    base[0] = result
    Py_DECREF(base[1])
    Py_DECREF(base[2])
    return base + 1


cdef inline bint is_of_type(PyObject *value, PyTypeObject *kind) noexcept nogil:
    """Whether it is an instance of the type or of a subclass."""
    return Py_IS_TYPE(value, kind) or PyType_IsSubtype(Py_TYPE(value), kind)


cdef PyObject *object_class = NULL      # borrowed from object: its own __class__


cdef void init_isinstance() noexcept:
    global object_class
    object_class = _PyType_Lookup(&PyBaseObject_Type, STR_CLASS)


cdef inline bint shows_its_type(PyObject *value) noexcept nogil:
    """Whether the value's `__class__` is object's, which says nothing but its type."""
    cdef PyTypeObject *kind = Py_TYPE(value)
    cdef Attribute *entry = attribute_of(value, kind, STR_CLASS)
    return entry is not NULL and entry.found is object_class


cdef int is_of_kinds(
    PyThreadState *ts, PyObject *value, PyObject *kinds
) noexcept nogil:
    """isinstance(value, kinds) for a tuple of plain types."""
    cdef PyTypeObject *kind = Py_TYPE(value)
    cdef PyObject *asked
    cdef Py_ssize_t i
    if not shows_its_type(value) or host_recursion_left(ts) < 1:
        return PyObject_IsInstance(value, kinds)
    for i in range(PyTuple_GET_SIZE(kinds)):
        asked = PyTuple_GET_ITEM(kinds, i)
        if Py_IS_TYPE(value, <PyTypeObject *>asked):
            return True
        if not PyType_CheckExact(asked):
            return PyObject_IsInstance(value, kinds)
        if PyType_IsSubtype(kind, <PyTypeObject *>asked):
            return True
    return False


cdef inline int is_instance(
    PyThreadState *ts, PyObject *value, PyObject *kind
) noexcept nogil:
    """isinstance(value, kind), or -1 with an exception (abstract.c 3.11,
    object_recursive_isinstance)."""
    if PyType_CheckExact(kind):
        if is_of_type(value, <PyTypeObject *>kind):
            return True
        if shows_its_type(value):
            return False
    elif PyTuple_CheckExact(kind):
        return is_of_kinds(ts, value, kind)
    return PyObject_IsInstance(value, kind)


cdef inline bint is_list_append(
    PyThreadState *ts, PyObject **base, int oparg
) noexcept nogil:
    return oparg == 1 and base[0] is host_list_append(ts) and PyList_Check(base[1])


cdef inline PyObject **append_item(PyObject **base) noexcept nogil:
    """append list value --; NULL, with an exception and the operands kept."""
    if unlikely(host_append(base[1], base[2]) < 0):
        return NULL
    drop_value(base[1])
    Py_DECREF(base[0])
    return base


cdef inline bint is_builtin(PyObject **base, int flags) noexcept nogil:
    """Whether a builtin function of this calling convention is called."""
    return base[0] is NULL and host_builtin_flags(base[1]) == flags


cdef inline bint is_builtin_method(PyObject **base, int flags) noexcept nogil:
    """Whether a builtin type's method of this convention is called on its own type."""
    return (
        base[0] is not NULL
        and host_method_flags(base[0]) == flags
        and is_of_type(base[1], host_method_type(base[0]))
    )


cdef inline PyObject **call_builtin_o(
    PyThreadState *ts, PyObject **base
) noexcept nogil:
    """A builtin function of one argument."""
    cdef PyObject *callable = base[1]
    cdef PyObject *result
    counts.calls_through_host += 1
    if unlikely(host_enter_c_call(ts) < 0):
        return NULL
    result = host_call_one(
        PyCFunction_GET_FUNCTION(callable), PyCFunction_GET_SELF(callable), base[2]
    )
    host_leave_recursion(ts)
    return finish_call(base, base + 3, result)


cdef PyObject **call_builtin_fast(
    PyObject **base, PyObject **sp, int oparg
) noexcept nogil:
    """A builtin function that takes an array of arguments."""
    cdef PyObject *callable = base[1]
    counts.calls_through_host += 1
    return finish_call(
        base, sp,
        host_call_fast(
            PyCFunction_GET_FUNCTION(callable), PyCFunction_GET_SELF(callable),
            base + 2, oparg,
        ),
    )


cdef PyObject **call_builtin_fast_with_keywords(
    PyObject **base, PyObject **sp, int oparg
) noexcept nogil:
    """The same where keywords would be allowed; there are none."""
    cdef PyObject *callable = base[1]
    counts.calls_through_host += 1
    return finish_call(
        base, sp,
        host_call_fast_keywords(
            PyCFunction_GET_FUNCTION(callable), PyCFunction_GET_SELF(callable),
            base + 2, oparg, NULL,
        ),
    )


cdef inline PyObject **call_method_o(
    PyThreadState *ts, PyObject **base
) noexcept nogil:
    """A builtin method of one argument."""
    cdef PyObject *result
    counts.calls_through_host += 1
    if unlikely(host_enter_c_call(ts) < 0):
        return NULL
    result = host_call_one(host_method_function(base[0]), base[1], base[2])
    host_leave_recursion(ts)
    return finish_call(base, base + 3, result)


cdef inline PyObject **call_method_noargs(
    PyThreadState *ts, PyObject **base
) noexcept nogil:
    """A builtin method of no argument."""
    cdef PyObject *result
    counts.calls_through_host += 1
    if unlikely(host_enter_c_call(ts) < 0):
        return NULL
    result = host_call_one(host_method_function(base[0]), base[1], NULL)
    host_leave_recursion(ts)
    return finish_call(base, base + 2, result)


cdef PyObject **call_method_fast(
    PyObject **base, PyObject **sp, int oparg
) noexcept nogil:
    """A builtin method that takes an array of arguments."""
    counts.calls_through_host += 1
    return finish_call(
        base, sp,
        host_call_fast(host_method_function(base[0]), base[1], base + 2, oparg),
    )


cdef PyObject **call_method_fast_with_keywords(
    PyObject **base, PyObject **sp, int oparg
) noexcept nogil:
    """The same where keywords would be allowed; there are none."""
    counts.calls_through_host += 1
    return finish_call(
        base, sp,
        host_call_fast_keywords(
            host_method_function(base[0]), base[1], base + 2, oparg, NULL
        ),
    )


cdef inline bint is_builtin_class(PyObject **base) noexcept nogil:
    """A class that is called by a function of its own, without making arguments up."""
    return (
        base[0] is NULL
        and PyType_Check(base[1])
        and (<PyTypeObject *>base[1]).tp_vectorcall is not NULL
    )


cdef PyObject **call_builtin_class(
    PyObject **base, PyObject **sp, int oparg
) noexcept nogil:
    counts.calls_through_host += 1
    return finish_call(
        base, sp,
        (<PyTypeObject *>base[1]).tp_vectorcall(base[1], base + 2, oparg, NULL),
    )


cdef inline bint is_no_python_call(PyObject **base) noexcept nogil:
    """Whether the host must do the call in any case: neither function nor method."""
    return base[0] is NULL and not (
        Py_IS_TYPE(base[1], &PyFunction_Type) or Py_IS_TYPE(base[1], &PyMethod_Type)
    )


cdef inline bint is_cached_class(PyObject **base, uint16_t *next) noexcept nogil:
    """Whether the site's cache speaks of the class that is called."""
    return (
        base[0] is NULL
        and PyType_Check(base[1])
        and host_version_tag(<PyTypeObject *>base[1])
        == cached_u32(next, ops.CALL_FUNCTION_VERSION_CELL)
    )


# -- super().name and super(kind, owner).name

cdef PyObject *find_super(
    PyObject *kind, PyObject *owner, PyObject *name
) noexcept nogil:
    """What super(kind, owner) finds under the name, borrowed.

    NULL, without an error and with nothing done, where only the host can tell
    (typeobject.c 3.11, super_getattro).
    """
    cdef PyObject *mro
    cdef PyObject *value = NULL
    cdef Py_ssize_t i = 0
    cdef int found = 0
    if owner is NULL or kind is NULL or not PyType_Check(kind) or PyType_Check(owner):
        return NULL
    mro = Py_TYPE(owner).tp_mro
    cdef Py_ssize_t size = PyTuple_GET_SIZE(mro)
    while i < size and PyTuple_GET_ITEM(mro, i) is not kind:
        i += 1
    while i + 1 < size and found == 0:
        i += 1
        found = host_find_name(
            (<PyTypeObject *>PyTuple_GET_ITEM(mro, i)).tp_dict, name, &value
        )
    return value if found == 1 else NULL


cdef inline PyObject *first_argument(HostFrame *frame) noexcept nogil:
    """The function's first argument, which may have become a cell; NULL if unbound."""
    cdef PyObject *value = frame.localsplus[0]
    if value is not NULL and host_is_cell_slot(frame.f_code, 0):
        return PyCell_GET(value) if PyCell_Check(value) else NULL
    return value


cdef inline PyObject *super_owner(
    PyObject **base, int oparg, HostFrame *frame
) noexcept nogil:
    """Whose attribute super(...) is to find, borrowed; NULL if that is unbound."""
    return first_argument(frame) if oparg == 0 else base[3]


cdef inline PyObject *super_kind(
    PyObject **base, int oparg, HostFrame *frame, int slot
) noexcept nogil:
    """The class behind which super(...) looks, borrowed, or NULL.

    `slot` is where the frame has its __class__ cell.
    """
    cdef PyObject *cell
    if oparg != 0:
        return base[2]
    cell = frame.localsplus[slot]
    return PyCell_GET(cell) if cell is not NULL and PyCell_Check(cell) else NULL


cdef inline PyObject *super_value(
    PyObject **base, int oparg, HostFrame *frame, uint16_t *next, int slot, bint is_call
) noexcept nogil:
    """For super(...) with LOAD_ATTR behind it: a function, or no descriptor; else NULL.
    """
    cdef uint16_t following = load_unit(next + ops.CALL_CACHE)
    cdef PyObject *value
    # Loading from an object that nothing else holds would finalize it: not done here.
    if unlikely((oparg != 0 and (oparg != 2 or not is_call)) or base[0] is not NULL):
        return NULL
    if unlikely(base[1] is not <PyObject *>&PySuper_Type):
        return NULL
    value = find_super(
        super_kind(base, oparg, frame, slot), super_owner(base, oparg, frame),
        name_at(frame, unit_arg(following) >> 1),
    )
    if value is NULL:
        return NULL
    if is_call:
        return value if host_is_plain_function(value) else NULL
    return NULL if host_is_descriptor(value) else value


# -- what the rule decides by, and the caches

cdef tuple CONVENTIONS = (
    (METH_O, "o"), (METH_NOARGS, "noargs"), (METH_FASTCALL, "fast"),
    (METH_FASTCALL | METH_KEYWORDS, "fast_with_keywords"),
)


cdef str convention_of(int flags):
    """A builtin's calling convention by its flags; "" for the older ones."""
    for known, name in CONVENTIONS:
        if flags == known:
            return name
    return ""


cdef str kind_of_function(PyObject *callable):
    """What a call does with a callable that is no bound method."""
    cdef PyTypeObject *kind
    if host_is_plain_function(callable):
        return "function"
    if host_builtin_flags(callable) != -1:
        return "builtin"
    if host_method_flags(callable) != -1:
        return "builtin_method"
    if PyType_Check(callable):
        kind = <PyTypeObject *>callable
        if builds_instance(callable):
            return "class"
        return "builtin_class" if kind.tp_vectorcall is not NULL else "other_class"
    return "other"


cdef CodeState *python_callee(PyObject **base) noexcept:
    """The code of the function, or of the bound method's function, that is called."""
    cdef PyObject *callable = callable_at(base)
    if is_bound_method(base):
        callable = PyMethod_GET_FUNCTION(callable)
    if not host_is_plain_function(callable):
        return NULL
    return state_of(<PyCodeObject *>(<PyFunctionObject *>callable).func_code)


cdef int class_cell(HostFrame *frame) noexcept:
    """The slot of the frame's __class__ variable, or -1."""
    cdef PyCodeObject *code = frame.f_code
    cdef int i
    for i in range(code.co_nlocalsplus - code.co_nfreevars, code.co_nlocalsplus):
        if host_strings_equal(
            PyTuple_GET_ITEM(code.co_localsplusnames, i), STR_CLASS
        ):
            return i
    return -1


cdef int check_super(Site site, bint is_call, int *slot) noexcept:
    """Whether the form does here what super(...) does; GO_ON, or why not.

    `slot` becomes that of the __class__ cell, or 0 where the class is given.
    """
    cdef uint16_t *following = site.at + 1 + ops.CALL_CACHE
    slot[0] = 0
    if base_of_unit(following) != ops.LOAD_ATTR:
        return ops.REASON_NO_ATTRIBUTE_FOLLOWS
    if (unit_arg(following[0]) & 1) != is_call:
        return ops.REASON_NO_ATTRIBUTE_FOLLOWS
    if host_strings_equal(
        name_at(site.frame, unit_arg(following[0]) >> 1), STR_CLASS
    ):
        return ops.REASON_DATA_DESCRIPTOR
    if site.oparg == 0:
        slot[0] = class_cell(site.frame)
        if slot[0] < 0 or site.frame.f_code.co_argcount == 0:
            return ops.REASON_NO_FORM_FOR_CALLABLE
    if super_value(
        site.sp - site.oparg - 2, site.oparg, site.frame, site.at + 1, slot[0], is_call
    ) is NULL:
        return ops.REASON_NO_FORM_FOR_DESCRIPTOR
    return GO_ON


cdef int fill_super(Site site, int form) noexcept:
    cdef int slot
    cdef int outcome = check_super(site, form == ops.CALL_SUPER_METHOD, &slot)
    if outcome == GO_ON:
        store_u32(site.at, ops.CALL_FUNCTION_VERSION_CELL, slot)
    return outcome


cdef int fill_call(Site site, int form) noexcept:
    """CALL and CALL_KW."""
    cdef PyObject **base = site.sp - site.oparg - 2
    cdef CodeState *callee
    if form in (ops.CALL_SUPER_ATTR, ops.CALL_SUPER_METHOD):
        return fill_super(site, form)
    if form == ops.CALL_ALLOC_AND_ENTER_INIT:
        if base[0] is not NULL or not builds_instance(base[1]):
            return ops.REASON_NO_FORM_FOR_CALLABLE
        if version_of(<PyTypeObject *>base[1]) == 0:
            return ops.REASON_NO_VERSION
        store_u32(
            site.at, ops.CALL_FUNCTION_VERSION_CELL,
            version_of(<PyTypeObject *>base[1]),
        )
    elif form in (
        ops.CALL_PY_EXACT_ARGS, ops.CALL_PY_GENERAL, ops.CALL_BOUND_METHOD_EXACT_ARGS,
        ops.CALL_BOUND_METHOD_GENERAL, ops.CALL_KW_PY, ops.CALL_KW_BOUND_METHOD,
    ):
        callee = python_callee(base)
        if callee is NULL or callee.status != READY:
            return ops.REASON_CALLEE_NOT_READY
        if not callee.pushable:
            return ops.REASON_CALLEE_WITHOUT_LOCALS
        if callee.version == 0:
            return ops.REASON_NO_VERSION
        store_u32(site.at, ops.CALL_FUNCTION_VERSION_CELL, callee.version)
    return GO_ON
