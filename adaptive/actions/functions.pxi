# Functions: made, given their attributes and variables, and the operands of f(*a, **k).
#
# Not here: binding arguments to parameters (binding.pxi) and the calls themselves.
# Actions take sp one past the top and return the new sp, or NULL with the exception set
# and the stack as it was.  Source: ceval.c 3.11.


cdef PyObject **make_function(PyObject **sp, HostFrame *frame) noexcept nogil:
    """code -- function"""
    cdef PyObject *code = sp[-1]
    cdef PyObject *function = PyFunction_New(code, frame.f_globals)
    if function == NULL:
        return NULL
    sp[-1] = function
    Py_DECREF(code)
    return sp


cdef PyObject **set_function_attribute(PyObject **sp, int flag) noexcept nogil:
    """attribute function -- function.  The function is new: nothing is replaced."""
    cdef PyFunctionObject *function = <PyFunctionObject *>sp[-1]
    cdef PyObject *attribute = sp[-2]
    if flag == 1:
        function.func_defaults = attribute
    elif flag == 2:
        function.func_kwdefaults = attribute
    elif flag == 4:
        function.func_annotations = attribute
    else:
        function.func_closure = attribute
    sp[-2] = <PyObject *>function
    return sp - 1


cdef int make_cell(HostFrame *frame, int i) noexcept nogil:
    """Puts slot i's value, if it has one, into a cell; -1 with the error set."""
    cdef PyObject *initial = frame.localsplus[i]
    cdef PyObject *cell = PyCell_New(initial)
    if cell == NULL:
        return -1
    frame.localsplus[i] = cell
    Py_XDECREF(initial)
    return 0


cdef void copy_free_vars(HostFrame *frame, int n) noexcept nogil:
    """Fills the last n slots with the cells of the function's closure."""
    cdef PyObject *closure = frame.f_func.func_closure
    cdef PyObject **slots = frame.localsplus + (frame.f_code.co_nlocalsplus - n)
    cdef int i
    for i in range(n):
        slots[i] = PyTuple_GET_ITEM(closure, i)
        Py_INCREF(slots[i])


# -- CALL_FUNCTION_EX

cdef int normalize_kwargs(PyObject **slot, PyObject *callable) noexcept nogil:
    """Replaces the mapping after ** by an exact dict; -1 with the error set."""
    cdef PyObject *kwargs = slot[0]
    cdef PyObject *copied
    if PyDict_CheckExact(kwargs):
        return 0
    copied = PyDict_New()
    if copied == NULL:
        return -1
    if _PyDict_MergeEx(copied, kwargs, 2) < 0:
        Py_DECREF(copied)
        explain_kwargs_error(callable, kwargs)
        return -1
    slot[0] = copied
    Py_DECREF(kwargs)
    return 0


cdef void raise_args_not_iterable(PyObject *callable, PyObject *args) noexcept nogil:
    """TypeError for what follows *."""
    cdef PyObject *text = _PyObject_FunctionStr(callable)
    if text == NULL:
        return
    PyErr_Format(
        PyExc_TypeError,
        b"%U argument after * must be an iterable, not %.200s",
        text, Py_TYPE(args).tp_name)
    Py_DECREF(text)


cdef int normalize_args(PyObject **slot, PyObject *callable) noexcept nogil:
    """Replaces the iterable after * by an exact tuple; -1 with the error set."""
    cdef PyObject *args = slot[0]
    cdef PyObject *listed
    if PyTuple_CheckExact(args):
        return 0
    if is_not_iterable(args):
        raise_args_not_iterable(callable, args)
        return -1
    listed = PySequence_Tuple(args)
    if listed == NULL:
        return -1
    slot[0] = listed
    Py_DECREF(args)
    return 0


cdef int normalize_ex_arguments(PyObject **sp, int oparg) noexcept nogil:
    """Leaves an exact tuple and, if oparg & 1, an exact dict on top; 0, or -1.

    Replaced operands are dropped, so on error the stack is still whole.
    """
    if not oparg & 1:
        return normalize_args(sp - 1, sp[-2])
    if normalize_kwargs(sp - 1, sp[-3]):
        return -1
    return normalize_args(sp - 2, sp[-3])
