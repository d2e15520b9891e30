"""What the loop sees of the host: raw objects, frames, threads.

Everything here is nogil: the loop holds the GIL all the time, but counts references by
hand, so Cython must not do it too.  `_host.h` says what each host_* function promises.
"""

from libc.stdint cimport uint8_t, uint16_t, uint32_t, uint64_t
from libc.string cimport strcmp

cdef extern from "<stdbool.h>" nogil:
    ctypedef bint flag "_Bool"      # one byte

cdef extern from "_host.h" nogil:
    # -- raw objects
    ctypedef struct PyObject:
        Py_ssize_t ob_refcnt
        PyTypeObject *ob_type

    ctypedef PyObject *(*getiterfunc)(PyObject *) noexcept
    ctypedef PyObject *(*iternextfunc)(PyObject *) noexcept
    ctypedef PyObject *(*unaryfunc)(PyObject *) noexcept
    ctypedef PyObject *(*allocfunc)(PyTypeObject *, Py_ssize_t) noexcept
    ctypedef PyObject *(*newfunc)(PyTypeObject *, PyObject *, PyObject *) noexcept
    ctypedef int (*initproc)(PyObject *, PyObject *, PyObject *) noexcept
    ctypedef void (*freefunc)(void *) noexcept

    ctypedef struct PyAsyncMethods:
        unaryfunc am_await
        unaryfunc am_aiter
        unaryfunc am_anext

    ctypedef PyObject *(*descrgetfunc)(PyObject *, PyObject *, PyObject *) noexcept
    ctypedef PyObject *(*getattrofunc)(PyObject *, PyObject *) noexcept
    ctypedef PyObject *(*vectorcallfunc)(
        PyObject *, PyObject **, size_t, PyObject *) noexcept
    ctypedef PyObject *(*binaryfunc)(PyObject *, PyObject *) noexcept
    ctypedef int (*objobjproc)(PyObject *, PyObject *) noexcept
    ctypedef PyObject *(*ssizeargfunc)(PyObject *, Py_ssize_t) noexcept
    ctypedef int (*ssizeobjargproc)(PyObject *, Py_ssize_t, PyObject *) noexcept
    ctypedef PyObject *(*richcmpfunc)(PyObject *, PyObject *, int) noexcept
    ctypedef struct PyMappingMethods:
        binaryfunc mp_subscript
    ctypedef struct PySequenceMethods:
        binaryfunc sq_concat
        ssizeargfunc sq_item
        ssizeobjargproc sq_ass_item
        objobjproc sq_contains

    ctypedef struct PyNumberMethods:
        binaryfunc nb_and
        binaryfunc nb_or
        binaryfunc nb_xor
        binaryfunc nb_lshift
        binaryfunc nb_rshift

    ctypedef struct PyTypeObject:
        const char *tp_name
        PyNumberMethods *tp_as_number
        PySequenceMethods *tp_as_sequence
        PyMappingMethods *tp_as_mapping
        richcmpfunc tp_richcompare
        getattrofunc tp_getattro
        descrgetfunc tp_descr_get
        vectorcallfunc tp_vectorcall
        PyAsyncMethods *tp_as_async
        unsigned long tp_flags
        getiterfunc tp_iter
        iternextfunc tp_iternext
        PyTypeObject *tp_base
        PyObject *tp_dict
        PyObject *tp_mro
        initproc tp_init
        allocfunc tp_alloc
        newfunc tp_new
        unsigned int tp_version_tag

    const unsigned long Py_TPFLAGS_MAPPING
    const unsigned long Py_TPFLAGS_SEQUENCE
    const unsigned long Py_TPFLAGS_HEAPTYPE
    const unsigned long Py_TPFLAGS_IMMUTABLETYPE
    const unsigned long Py_TPFLAGS_IS_ABSTRACT
    const unsigned long _Py_TPFLAGS_MATCH_SELF

    void Py_INCREF(PyObject *)
    void Py_DECREF(PyObject *)
    void Py_XINCREF(PyObject *)
    void Py_XDECREF(PyObject *)
    PyTypeObject *Py_TYPE(PyObject *)
    bint Py_IS_TYPE(PyObject *, PyTypeObject *)
    Py_ssize_t Py_REFCNT(PyObject *)
    Py_ssize_t Py_SIZE(PyObject *)
    PyObject *Py_None
    PyObject *Py_True
    PyObject *Py_False
    PyObject *Py_NotImplemented

    PyTypeObject PyFunction_Type
    PyTypeObject PyMethod_Type
    PyTypeObject PyType_Type
    PyTypeObject PyTuple_Type
    PyTypeObject PyBytes_Type
    PyTypeObject PyByteArray_Type
    PyTypeObject PyList_Type
    PyTypeObject PyLong_Type
    PyTypeObject PyFloat_Type
    PyTypeObject PyUnicode_Type
    PyTypeObject PySet_Type
    PyTypeObject PyFrozenSet_Type
    PyTypeObject PySlice_Type
    PyTypeObject PyListIter_Type
    PyTypeObject PyTupleIter_Type
    PyTypeObject PyRangeIter_Type
    PyTypeObject PyDictIterItem_Type
    PyTypeObject PyEnum_Type
    PyTypeObject PyZip_Type
    PyTypeObject PyProperty_Type
    PyTypeObject PyModule_Type
    PyTypeObject PySuper_Type
    PyTypeObject PyBaseObject_Type

    # -- errors
    PyObject *PyExc_AssertionError
    PyObject *PyExc_AttributeError
    PyObject *PyExc_BaseException
    PyObject *PyExc_BaseExceptionGroup
    PyObject *PyExc_ImportError
    PyObject *PyExc_IndexError
    PyObject *PyExc_KeyError
    PyObject *PyExc_KeyboardInterrupt
    PyObject *PyExc_LookupError
    PyObject *PyExc_MemoryError
    PyObject *PyExc_NameError
    PyObject *PyExc_RecursionError
    PyObject *PyExc_RuntimeError
    PyObject *PyExc_StopAsyncIteration
    PyObject *PyExc_StopIteration
    PyObject *PyExc_SystemError
    PyObject *PyExc_TypeError
    PyObject *PyExc_UnboundLocalError
    PyObject *PyExc_ValueError
    PyObject *PyErr_Occurred()
    void PyErr_Clear()
    void PyErr_Fetch(PyObject **, PyObject **, PyObject **)
    void PyErr_Restore(PyObject *, PyObject *, PyObject *)
    void PyErr_NormalizeException(PyObject **, PyObject **, PyObject **)
    void PyErr_SetString(PyObject *, const char *)
    void PyErr_SetObject(PyObject *, PyObject *)
    PyObject *PyErr_Format(PyObject *, const char *, ...)
    PyObject *PyErr_NoMemory()
    PyObject *_PyErr_FormatFromCause(PyObject *, const char *, ...)
    bint PyErr_ExceptionMatches(PyObject *)
    bint PyErr_GivenExceptionMatches(PyObject *, PyObject *)
    int Py_MakePendingCalls()
    void PyErr_SetInterrupt()
    void PyErr_Print()
    void PyErr_WriteUnraisable(PyObject *)
    PyObject *PyErr_SetImportErrorSubclass(
        PyObject *, PyObject *, PyObject *, PyObject *)
    PyObject *PyErr_SetImportError(PyObject *, PyObject *, PyObject *)
    bint PyExceptionClass_Check(PyObject *)
    bint PyExceptionInstance_Check(PyObject *)
    PyObject *PyExceptionInstance_Class(PyObject *)
    PyObject *PyException_GetTraceback(PyObject *)
    int PyException_SetTraceback(PyObject *, PyObject *)
    void PyException_SetCause(PyObject *, PyObject *)
    int PyTraceBack_Here(PyFrameObject *)

    # -- the abstract protocols
    PyObject *PyObject_GetAttr(PyObject *, PyObject *)
    int PyObject_SetAttr(PyObject *, PyObject *, PyObject *)
    int PyObject_DelAttr(PyObject *, PyObject *)
    PyObject *PyObject_GetItem(PyObject *, PyObject *)
    int PyObject_SetItem(PyObject *, PyObject *, PyObject *)
    int PyObject_DelItem(PyObject *, PyObject *)
    int PyObject_IsTrue(PyObject *)
    int PyObject_IsInstance(PyObject *, PyObject *)
    Py_ssize_t PyObject_Size(PyObject *)
    PyObject *PyObject_GetIter(PyObject *)
    PyObject *PyObject_RichCompare(PyObject *, PyObject *, int)
    PyObject *PyObject_Str(PyObject *)
    PyObject *PyObject_Repr(PyObject *)
    PyObject *PyObject_ASCII(PyObject *)
    PyObject *PyObject_Format(PyObject *, PyObject *)
    PyObject *PyObject_Dir(PyObject *)
    PyObject *PyObject_Call(PyObject *, PyObject *, PyObject *)
    PyObject *PyObject_CallNoArgs(PyObject *)
    PyObject *PyObject_CallOneArg(PyObject *, PyObject *)
    PyObject *PyObject_CallMethodOneArg(PyObject *, PyObject *, PyObject *)
    PyObject *PyObject_CallFunction(PyObject *, const char *, ...)
    PyObject *PyObject_CallFunctionObjArgs(PyObject *, ...)
    PyObject *PyObject_Vectorcall(PyObject *, PyObject **, size_t, PyObject *)
    const size_t PY_VECTORCALL_ARGUMENTS_OFFSET
    bint PyIter_Check(PyObject *)
    bint PySequence_Check(PyObject *)
    PyObject *PySequence_Tuple(PyObject *)
    PyObject *PySequence_List(PyObject *)
    PyObject *PySequence_GetItem(PyObject *, Py_ssize_t)
    PyObject *PyIter_Next(PyObject *)
    int PySequence_Contains(PyObject *, PyObject *)
    PyObject *PyMapping_Keys(PyObject *)
    PyObject *_PyObject_FunctionStr(PyObject *)
    int _PyObject_GetMethod(PyObject *, PyObject *, PyObject **)
    int _PyObject_LookupAttr(PyObject *, PyObject *, PyObject **)
    PyObject *_PyObject_LookupSpecial(PyObject *, PyObject *)
    PyObject *_PyType_Lookup(PyTypeObject *, PyObject *)
    bint PyType_Check(PyObject *)
    bint PyType_HasFeature(PyTypeObject *, unsigned long)
    bint PyType_IsSubtype(PyTypeObject *, PyTypeObject *)
    PyObject *PyType_GenericAlloc(PyTypeObject *, Py_ssize_t)
    ctypedef enum PySendResult:
        PYGEN_RETURN
        PYGEN_ERROR
        PYGEN_NEXT
    PySendResult PyIter_Send(PyObject *, PyObject *, PyObject **)

    PyObject *PyNumber_Add(PyObject *, PyObject *)
    PyObject *PyNumber_And(PyObject *, PyObject *)
    PyObject *PyNumber_FloorDivide(PyObject *, PyObject *)
    PyObject *PyNumber_Lshift(PyObject *, PyObject *)
    PyObject *PyNumber_MatrixMultiply(PyObject *, PyObject *)
    PyObject *PyNumber_Multiply(PyObject *, PyObject *)
    PyObject *PyNumber_Remainder(PyObject *, PyObject *)
    PyObject *PyNumber_Or(PyObject *, PyObject *)
    PyObject *PyNumber_Power(PyObject *, PyObject *, PyObject *)
    PyObject *PyNumber_Rshift(PyObject *, PyObject *)
    PyObject *PyNumber_Subtract(PyObject *, PyObject *)
    PyObject *PyNumber_TrueDivide(PyObject *, PyObject *)
    PyObject *PyNumber_Xor(PyObject *, PyObject *)
    PyObject *PyNumber_InPlaceAdd(PyObject *, PyObject *)
    PyObject *PyNumber_InPlaceAnd(PyObject *, PyObject *)
    PyObject *PyNumber_InPlaceFloorDivide(PyObject *, PyObject *)
    PyObject *PyNumber_InPlaceLshift(PyObject *, PyObject *)
    PyObject *PyNumber_InPlaceMatrixMultiply(PyObject *, PyObject *)
    PyObject *PyNumber_InPlaceMultiply(PyObject *, PyObject *)
    PyObject *PyNumber_InPlaceRemainder(PyObject *, PyObject *)
    PyObject *PyNumber_InPlaceOr(PyObject *, PyObject *)
    PyObject *PyNumber_InPlacePower(PyObject *, PyObject *, PyObject *)
    PyObject *PyNumber_InPlaceRshift(PyObject *, PyObject *)
    PyObject *PyNumber_InPlaceSubtract(PyObject *, PyObject *)
    PyObject *PyNumber_InPlaceTrueDivide(PyObject *, PyObject *)
    PyObject *PyNumber_InPlaceXor(PyObject *, PyObject *)
    PyObject *PyNumber_Negative(PyObject *)
    PyObject *PyNumber_Positive(PyObject *)
    PyObject *PyNumber_Invert(PyObject *)

    # -- concrete objects
    bint PyLong_CheckExact(PyObject *)
    PyObject *PyLong_FromLong(long)
    PyObject *PyLong_FromSsize_t(Py_ssize_t)
    long PyLong_AsLong(PyObject *)
    int _PyLong_AsInt(PyObject *)
    bint PyFloat_CheckExact(PyObject *)
    const int Py_EQ
    const int Py_NE
    bint PyUnicode_CheckExact(PyObject *)
    bint PyUnicode_Check(PyObject *)
    PyObject *PyUnicode_FromFormat(const char *, ...)
    PyObject *PyUnicode_FromString(const char *)
    PyObject *PyUnicode_InternFromString(const char *)
    bint PyUnicode_CHECK_INTERNED(PyObject *)
    int PyUnicode_Compare(PyObject *, PyObject *)
    const char *PyUnicode_AsUTF8(PyObject *)
    Py_UCS4 PyUnicode_READ_CHAR(PyObject *, Py_ssize_t)
    Py_ssize_t PyUnicode_GET_LENGTH(PyObject *)
    Py_ssize_t PyUnicode_GetLength(PyObject *)
    PyObject *_PyUnicode_JoinArray(PyObject *, PyObject **, Py_ssize_t)
    void PyObject_GC_UnTrack(PyObject *)
    bint PyBytes_CheckExact(PyObject *)
    Py_ssize_t PyBytes_GET_SIZE(PyObject *)
    PyObject *PyBytes_FromStringAndSize(const char *, Py_ssize_t)
    bint PyTuple_CheckExact(PyObject *)
    bint PyTuple_Check(PyObject *)
    PyObject *PyTuple_New(Py_ssize_t)
    PyObject *PyTuple_Pack(Py_ssize_t, ...)
    Py_ssize_t PyTuple_GET_SIZE(PyObject *)
    PyObject *PyTuple_GET_ITEM(PyObject *, Py_ssize_t)
    void PyTuple_SET_ITEM(PyObject *, Py_ssize_t, PyObject *)
    bint PyList_Check(PyObject *)
    bint PyList_CheckExact(PyObject *)
    PyObject *PyList_New(Py_ssize_t)
    int PyList_Append(PyObject *, PyObject *)
    PyObject *PyList_AsTuple(PyObject *)
    PyObject *_PyList_Extend(PyListObject *, PyObject *)
    Py_ssize_t PyList_GET_SIZE(PyObject *)
    PyObject *PyList_GET_ITEM(PyObject *, Py_ssize_t)
    void PyList_SET_ITEM(PyObject *, Py_ssize_t, PyObject *)
    void Py_SET_SIZE(PyObject *, Py_ssize_t)
    ctypedef struct PyListObject:
        PyObject **ob_item
        Py_ssize_t allocated
    ctypedef struct PyTupleObject:
        PyObject **ob_item
    PyTypeObject PyDict_Type
    bint PyDict_Check(PyObject *)
    bint PyDict_CheckExact(PyObject *)
    PyObject *PyDict_New()
    PyObject *_PyDict_NewPresized(Py_ssize_t)
    PyObject *PyDict_GetItemWithError(PyObject *, PyObject *)
    PyObject *_PyDict_GetItemWithError(PyObject *, PyObject *)
    PyObject *_PyDict_GetItem_KnownHash(PyObject *, PyObject *, Py_hash_t)
    int PyDict_SetItem(PyObject *, PyObject *, PyObject *)
    int PyDict_DelItem(PyObject *, PyObject *)
    int PyDict_Contains(PyObject *, PyObject *)
    int PyDict_Update(PyObject *, PyObject *)
    int _PyDict_MergeEx(PyObject *, PyObject *, int)
    int PyDict_Next(PyObject *, Py_ssize_t *, PyObject **, PyObject **)
    PyObject *PyDict_Copy(PyObject *)
    PyObject *PySet_New(PyObject *)
    int PySet_Add(PyObject *, PyObject *)
    int PySet_Contains(PyObject *, PyObject *)
    int _PySet_Update(PyObject *, PyObject *)
    PyObject *PySlice_New(PyObject *, PyObject *, PyObject *)
    PyObject *PyCell_New(PyObject *)
    PyObject *PyCell_GET(PyObject *)
    void PyCell_SET(PyObject *, PyObject *)
    PyObject *PyMethod_GET_FUNCTION(PyObject *)
    PyObject *PyMethod_GET_SELF(PyObject *)
    bint PyGen_CheckExact(PyObject *)
    bint PyCoro_CheckExact(PyObject *)
    int _PyGen_FetchStopIterationValue(PyObject **)
    bint _PyBaseExceptionGroup_Check(PyObject *)
    int PyObject_IsSubclass(PyObject *, PyObject *)
    void PyErr_SetExcInfo(PyObject *, PyObject *, PyObject *)
    bint PyAsyncGen_CheckExact(PyObject *)
    PyObject *PyFunction_New(PyObject *, PyObject *)
    ctypedef struct PyFunctionObject:
        PyObject *func_globals
        PyObject *func_builtins
        PyObject *func_name
        PyObject *func_qualname
        PyObject *func_code
        PyObject *func_defaults
        PyObject *func_kwdefaults
        PyObject *func_closure
        PyObject *func_annotations
        unsigned int func_version
    ctypedef struct PyCodeObject:
        PyObject *co_consts
        PyObject *co_names
        PyObject *co_localsplusnames
        PyObject *co_name
        PyObject *co_qualname
        PyObject *co_filename
        int co_flags
        int co_argcount
        int co_posonlyargcount
        int co_kwonlyargcount
        int co_stacksize
        int co_nlocals
        int co_nlocalsplus
        int co_nfreevars
        int _co_firsttraceable
    bint PyCode_Check(PyObject *)
    const int CO_OPTIMIZED
    const int CO_VARARGS
    const int CO_VARKEYWORDS
    const int CO_COROUTINE
    const int CO_ITERABLE_COROUTINE

    # -- modules and the process
    PyObject *PyImport_ImportModuleLevelObject(
        PyObject *, PyObject *, PyObject *, PyObject *, int)
    PyObject *PyImport_GetModule(PyObject *)
    PyObject *PyModule_GetFilenameObject(PyObject *)
    int _PyModuleSpec_IsInitializing(PyObject *)
    PyObject *host_import_func()
    PyObject *PySys_GetObject(const char *)
    PyObject *PyImport_AddModule(const char *)
    PyObject *PyModule_GetDict(PyObject *)
    int PyDict_DelItemString(PyObject *, const char *)
    PyObject *PyObject_CallMethodNoArgs(PyObject *, PyObject *)
    int Py_FinalizeEx()
    PyObject *PyEval_EvalCode(PyObject *, PyObject *, PyObject *)
    Py_ssize_t PyGC_Collect()
    int PyGC_Disable()
    int PyGC_Enable()

    # -- threads, frames and code, as _host.h lays them out
    ctypedef struct PyThreadState:
        pass
    ctypedef struct PyFrameObject:
        pass
    ctypedef struct PyGenObject:
        PyObject *gi_code
    ctypedef uint16_t _Py_CODEUNIT
    ctypedef struct _PyErr_StackItem:
        PyObject *exc_value
        _PyErr_StackItem *previous_item
    ctypedef struct HostFrame:
        PyFunctionObject *f_func
        PyObject *f_globals
        PyObject *f_builtins
        PyObject *f_locals
        PyCodeObject *f_code
        HostFrame *previous
        PyObject **localsplus

    ctypedef PyObject *(*EvalFrame "_PyFrameEvalFunction")(
        PyThreadState *, HostFrame *, int) noexcept
    ctypedef struct PyInterpreterState:
        pass
    PyInterpreterState *PyInterpreterState_Get()
    PyThreadState *PyThreadState_Get()
    EvalFrame _PyInterpreterState_GetEvalFrameFunc(PyInterpreterState *)
    void _PyInterpreterState_SetEvalFrameFunc(PyInterpreterState *, EvalFrame)
    PyObject *_PyEval_EvalFrameDefault(PyThreadState *, HostFrame *, int)
    Py_ssize_t _PyEval_RequestCodeExtraIndex(freefunc)

    void keep_in_memory "host_keep_in_memory"(...)
    bint likely "host_likely"(bint)
    bint unlikely "host_unlikely"(bint)

    void host_set_current_frame(PyThreadState *, HostFrame *)
    bint host_tracing(PyThreadState *)
    const char *Py_GetVersion()
    bint host_tracing_here()
    bint host_finalizing()
    bint host_in_tool(PyThreadState *)
    void host_enter_tool(PyThreadState *)
    void host_leave_tool(PyThreadState *)
    bint host_work_pending(PyThreadState *)
    int host_enter_recursion(PyThreadState *)
    void host_leave_recursion(PyThreadState *)
    int host_recursion_left(PyThreadState *)
    unsigned long long host_thread_number(PyThreadState *)
    unsigned long host_thread_ident(PyThreadState *)
    void host_count_recursion(PyThreadState *)
    void host_link_entry(PyThreadState *, HostFrame *)
    bint has_loop "host_has_loop"(PyCodeObject *)
    bint host_error_pending(PyThreadState *)
    _PyErr_StackItem *host_exc_info(PyThreadState *)
    _Py_CODEUNIT *host_first_instr(PyCodeObject *)
    int host_first_traceable(PyCodeObject *)
    void host_fill_lines(PyCodeObject *, int *, Py_ssize_t)
    void *host_code_extra(PyCodeObject *, Py_ssize_t)
    int host_set_code_extra(PyCodeObject *, Py_ssize_t, void *)
    bint host_hook_is(PyThreadState *, EvalFrame)
    uint64_t host_thread_id(PyThreadState *)
    bint host_is_main_thread(PyThreadState *)
    PyObject *host_thread_dict "PyThreadState_GetDict"()
    void *PyMem_RawMalloc(size_t)
    void *PyMem_RawRealloc(void *, size_t)
    void PyMem_RawFree(void *)
    int host_frame_words(PyCodeObject *)
    void host_set_executing(HostFrame *, _Py_CODEUNIT *, int)
    void host_set_calling(HostFrame *, _Py_CODEUNIT *, int)
    void host_set_next(HostFrame *, _Py_CODEUNIT *, int)
    int host_executing(HostFrame *)
    int host_next(HostFrame *)
    PyObject **host_stack_base(HostFrame *)
    PyObject **host_take_stack(HostFrame *)
    PyObject **host_take_empty_stack(HostFrame *, int)
    void host_give_stack(HostFrame *, PyObject **)
    bint host_is_pushed(HostFrame *)
    bint host_is_shown(HostFrame *)
    bint host_is_incomplete(HostFrame *)
    bint host_is_generator_frame(HostFrame *)
    HostFrame *host_push_frame(PyThreadState *, PyFunctionObject *, int, int, int)
    void host_pop_frame(PyThreadState *, HostFrame *, int)
    PyFrameObject *host_frame_object(PyThreadState *, HostFrame *)
    int host_begin_line(PyThreadState *, HostFrame *, PyObject **)
    PyObject **host_end_line(PyThreadState *, HostFrame *, int)
    int PyFrame_FastToLocalsWithError(PyFrameObject *)
    void PyFrame_LocalsToFast(PyFrameObject *, int)
    void host_clear_frame(PyThreadState *, HostFrame *)
    PyObject *host_run_on(PyThreadState *, HostFrame *)
    void host_trace_event(PyThreadState *, HostFrame *, int)
    bint host_has_tracefunc(PyThreadState *)
    const int PyTrace_EXCEPTION
    const int PyTrace_RETURN
    PyObject *host_make_generator(PyThreadState *, HostFrame *)
    bint host_tracks_coroutine_origin(PyThreadState *)
    void host_hollow_out(HostFrame *)
    PyObject *host_delegate(PyGenObject *)
    bint host_is_generator_coroutine(PyObject *)
    void host_suspend(HostFrame *, PyObject **)
    PyObject *host_wrap_async_value(PyObject *)
    bint host_is_plain_function(PyObject *)
    bint host_runs_code(PyObject *)
    void host_begin_program(PyThreadState *)
    int Py_AddPendingCall(int (*)(void *) noexcept, void *)
    const char *host_mismatch()
    bint host_both_compact(PyObject *, PyObject *, long *, long *)
    Py_ssize_t host_compact_index(PyObject *)
    double PyFloat_AS_DOUBLE(PyObject *)
    PyObject *PyFloat_FromDouble(double)
    unsigned int host_type_version(PyTypeObject *)
    PyObject **host_instance_values(PyObject *)
    PyObject *host_instance_dict(PyObject *)
    PyObject *host_store_value(PyObject *, int, PyObject *)
    int host_shared_names(PyTypeObject *)
    int host_shared_index(PyTypeObject *, PyObject *)
    int host_find_name(PyObject *, PyObject *, PyObject **)
    bint host_slot_offset(PyTypeObject *, PyObject *, Py_ssize_t *)
    bint host_is_data_descriptor(PyObject *)
    bint host_is_of_mutable_type(PyObject *)
    bint host_both_medium(PyObject *, PyObject *, long *, long *)
    bint host_is_descriptor(PyObject *)
    bint host_has_managed_dict(PyTypeObject *)
    bint host_has_no_dict(PyTypeObject *)
    bint host_loads_generically(PyTypeObject *)
    bint host_stores_generically(PyTypeObject *)
    bint PyModule_CheckExact(PyObject *)
    const unsigned long Py_TPFLAGS_METHOD_DESCRIPTOR

    # -- what the forms need
    ctypedef struct PyDictKeysObject:
        pass
    int host_begin_values()
    PyObject *host_characters[256]
    Py_UCS4 host_character(PyObject *, Py_ssize_t)
    enum:
        HOST_NB_ADD "HOST_NUMBER_SLOT(nb_add)"
        HOST_NB_INPLACE_ADD "HOST_NUMBER_SLOT(nb_inplace_add)"
        HOST_NB_SUBTRACT "HOST_NUMBER_SLOT(nb_subtract)"
        HOST_NB_INPLACE_SUBTRACT "HOST_NUMBER_SLOT(nb_inplace_subtract)"
        HOST_NB_MULTIPLY "HOST_NUMBER_SLOT(nb_multiply)"
        HOST_NB_INPLACE_MULTIPLY "HOST_NUMBER_SLOT(nb_inplace_multiply)"
        HOST_NB_TRUE_DIVIDE "HOST_NUMBER_SLOT(nb_true_divide)"
        HOST_NB_INPLACE_TRUE_DIVIDE "HOST_NUMBER_SLOT(nb_inplace_true_divide)"
        HOST_NB_FLOOR_DIVIDE "HOST_NUMBER_SLOT(nb_floor_divide)"
        HOST_NB_INPLACE_FLOOR_DIVIDE "HOST_NUMBER_SLOT(nb_inplace_floor_divide)"
        HOST_NB_REMAINDER "HOST_NUMBER_SLOT(nb_remainder)"
        HOST_NB_INPLACE_REMAINDER "HOST_NUMBER_SLOT(nb_inplace_remainder)"
        HOST_NB_AND "HOST_NUMBER_SLOT(nb_and)"
        HOST_NB_INPLACE_AND "HOST_NUMBER_SLOT(nb_inplace_and)"
        HOST_NB_OR "HOST_NUMBER_SLOT(nb_or)"
        HOST_NB_INPLACE_OR "HOST_NUMBER_SLOT(nb_inplace_or)"
        HOST_NB_XOR "HOST_NUMBER_SLOT(nb_xor)"
        HOST_NB_INPLACE_XOR "HOST_NUMBER_SLOT(nb_inplace_xor)"
    binaryfunc host_number_function(PyTypeObject *, int, int)
    bint host_was_last(PyObject *)
    void host_end_int(PyObject *)
    void host_end_float(PyObject *)
    void host_drop_int(PyObject *)
    void host_drop_float(PyObject *)
    bint host_drop_unseen(PyObject *)
    PyObject *host_new_int(long)
    PyObject *host_new_float(double)
    PyObject *host_int_from_ints(PyObject *, PyObject *, long)
    PyObject *host_float_from_floats(PyObject *, PyObject *, double)
    void set_next_keys_version "host_set_next_keys_version"(uint32_t)
    uint32_t host_keys_version(PyDictKeysObject *)
    uint32_t host_assigned_version(PyDictKeysObject *)
    PyDictKeysObject *host_keys_of(PyObject *)
    bint host_fits_16(uint32_t)
    uint32_t host_from_16(uint16_t)
    Py_ssize_t host_entry_index(PyObject *, PyObject *)
    PyObject **host_entry_place(PyDictKeysObject *, Py_ssize_t)
    PyObject *host_entry_value(PyDictKeysObject *, Py_ssize_t)
    char *host_opaque(void *)
    PyObject **host_hinted_value(PyObject *, Py_ssize_t, PyObject *)
    void host_note_changed(PyObject *, PyObject *)
    PyDictKeysObject *host_shared_keys(PyTypeObject *)
    PyObject **host_dict_place(PyObject *, PyTypeObject *)
    PyObject *host_module_dict(PyObject *)
    PyObject *host_property_getter(PyObject *)
    uint32_t host_version_tag(PyTypeObject *)
    ctypedef struct HostSequenceIterator:
        Py_ssize_t index
        PyObject *sequence
    ctypedef struct HostRangeIterator:
        long index
        long start
        long step
        long len
    ctypedef struct HostDictIterator:
        PyObject *result
    ctypedef struct HostEnumerate:
        Py_ssize_t index
        PyObject *iterator
        PyObject *result
    ctypedef struct HostZip:
        Py_ssize_t count
        PyObject *iterators
        PyObject *result
        int strict
    bint host_next_entry(PyObject *, PyObject **, PyObject **)
    void host_forget_pair(PyObject *)
    int host_builtin_flags(PyObject *)
    int host_method_flags(PyObject *)
    ctypedef PyObject *(*PyCFunction)(PyObject *, PyObject *) noexcept
    PyCFunction host_method_function(PyObject *)
    PyTypeObject *host_method_type(PyObject *)
    PyCFunction PyCFunction_GET_FUNCTION(PyObject *)
    PyObject *PyCFunction_GET_SELF(PyObject *)
    int host_enter_c_call(PyThreadState *)
    PyObject *host_call_one(PyCFunction, PyObject *, PyObject *)
    PyObject *host_call_fast(PyCFunction, PyObject *, PyObject **, Py_ssize_t)
    PyObject *host_call_fast_keywords(
        PyCFunction, PyObject *, PyObject **, Py_ssize_t, PyObject *)
    PyObject *host_len_function(PyThreadState *)
    PyObject *host_isinstance_function(PyThreadState *)
    PyObject *host_list_append(PyThreadState *)
    bint host_is_generator_frame(HostFrame *)
    bint host_can_resume(PyObject *)
    PyCodeObject *host_generator_code(PyObject *)
    bint host_is_new(PyObject *)
    HostFrame *host_resume(PyThreadState *, PyObject *, HostFrame *, PyObject *)
    bint host_after_resume(PyThreadState *, HostFrame *, PyObject *)
    PyObject **host_push_words(PyThreadState *, int)
    PyObject **host_pop_words(PyThreadState *, int)
    const int METH_O
    const int METH_NOARGS
    const int METH_FASTCALL
    const int METH_KEYWORDS
    const Py_ssize_t PY_SSIZE_T_MAX
    PyObject *PyUnicode_Concat(PyObject *, PyObject *)
    void PyUnicode_Append(PyObject **, PyObject *)
    PyObject *PyUnicode_Substring(PyObject *, Py_ssize_t, Py_ssize_t)
    bint host_strings_equal(PyObject *, PyObject *)
    bint host_string_is_true(PyObject *)
    int PyList_SetSlice(PyObject *, Py_ssize_t, Py_ssize_t, PyObject *)
    PyObject *PyList_GetSlice(PyObject *, Py_ssize_t, Py_ssize_t)
    PyObject *PyTuple_GetSlice(PyObject *, Py_ssize_t, Py_ssize_t)
    const char *host_bytes(PyObject *)
    const char *host_bytearray(PyObject *)
    PyObject *host_list_steps(PyObject *, PyObject *, PyObject *, PyObject *)
    bint host_plain_bounds(PyObject *, PyObject *, Py_ssize_t *, Py_ssize_t *)
    bint host_plain_slice(PyObject *, Py_ssize_t *, Py_ssize_t *)
    bint host_knows_array(PyObject *)
    bint host_is_array_of_doubles(PyObject *)
    double *host_doubles(PyObject *)
    bint host_int_of_array(PyObject *, Py_ssize_t, long *)
    int host_ints_equal(PyObject *, PyObject *)
    void host_end_object(PyObject *)
    PySendResult host_send_to_asend(PyObject *, PyObject *, PyObject **)
    PyTypeObject _PyAsyncGenASend_Type
    bint PySlice_Check(PyObject *)
    Py_ssize_t PySlice_AdjustIndices(Py_ssize_t, Py_ssize_t *, Py_ssize_t *, Py_ssize_t)
    void _PyErr_SetKeyError(PyObject *)
    int host_append(PyObject *, PyObject *)
    bint host_compact(PyObject *, long *)
    bint host_medium(PyObject *, long *)
    bint host_multiply_overflows(long, long, long *)
    bint PyType_CheckExact(PyObject *)
    bint PyCell_Check(PyObject *)
    bint host_has_name_keys(PyObject *)
    bint host_is_cell_slot(PyCodeObject *, int)
    bint host_is_always_true(PyTypeObject *)
    bint host_become_int(PyObject *, long)
    void host_set_float(PyObject *, double)
    PyObject *host_int_from_int(PyObject *, long)
    PyObject *host_float_from_float(PyObject *, double)
