/* CPython's private layouts: the only C file that knows a version of the host.
 *
 * Owns: how a frame is pushed, cleared, entered and left, where a thread keeps what the
 * loop looks at, how a generator is laid out.  Does not own: what an instruction does
 * (families/, actions/) or which host opcode means what (lowering/).
 *
 * Every function is named host_* and says the CPython file its contract comes from.
 * Rules that hold for all of them are numbered in _core.pyx (I1-I6 of the design).
 */
#ifndef ADAPTIVE_HOST_H
#define ADAPTIVE_HOST_H

#include <Python.h>
#include <frameobject.h>
#include <structmember.h>

#if defined(PYPY_VERSION) || !defined(Py_PYTHON_H)
#  error "adaptive needs CPython: it plugs into CPython's frame-evaluation hook (PEP 523)."
#endif
#if defined(Py_GIL_DISABLED)
#  error "adaptive does not support free-threaded builds of CPython: build it on a default build."
#endif
#if PY_VERSION_HEX < 0x030B0000 || PY_VERSION_HEX >= 0x030C0000
#  error "adaptive supports CPython 3.11 only: no host layouts are known for this version."
#endif

#ifndef Py_BUILD_CORE
#  define Py_BUILD_CORE 1
#endif
/* Aliases that the public headers make and the core's headers contradict. */
#undef _PyGC_FINALIZED
#undef _PyObject_LookupSpecial
#include "internal/pycore_ceval.h"
#include "internal/pycore_code.h"
#include "internal/pycore_dict.h"
#include "internal/pycore_frame.h"
#include "internal/pycore_interp.h"
#include "internal/pycore_object.h"
#include "internal/pycore_pystate.h"
#include "internal/pycore_runtime.h"
#include "internal/pycore_gc.h"
#include "internal/pycore_genobject.h"
#include "opcode.h"
#undef Py_BUILD_CORE

#define host_likely(x) __builtin_expect(!!(x), 1)
#define host_unlikely(x) __builtin_expect(!!(x), 0)
#define HOST_NOINLINE __attribute__((noinline))
#define host_unreachable() __builtin_unreachable()

typedef _PyInterpreterFrame HostFrame;

/* -- what the host puts where on the value stack (host-order constants) -------------- */

/* A call's layout is [NULL, callable, args] or [method, self, args]. */
#define HOST_NULL_BELOW_CALLABLE 1
/* FOR_ITER and SEND take the exhausted iterator off the stack themselves. */
#define HOST_LOOP_END_POPS_ITERATOR 1

/* -- the running thread -------------------------------------------------------------- */

static inline HostFrame *host_current_frame(PyThreadState *ts) {
    return ts->cframe->current_frame;
}

static inline void host_set_current_frame(PyThreadState *ts, HostFrame *frame) {
    ts->cframe->current_frame = frame;
}

/* Whether a trace or profile function is on: such frames are the host's to run. */
static inline int host_tracing(PyThreadState *ts) {
    return ts->cframe->use_tracing;
}

/* Whether signals, a GIL request, pending calls or an asynchronous exception wait. */
static inline int host_work_pending(PyThreadState *ts) {
    return _Py_atomic_load_relaxed(&ts->interp->ceval.eval_breaker);
}

/* Counts one Python frame.  0, or -1 with RecursionError set and nothing counted
 * (ceval.c 3.11, start_frame). */
static inline int host_enter_recursion(PyThreadState *ts) {
    if (host_unlikely(ts->recursion_remaining-- <= 0)) {
        return _Py_CheckRecursiveCall(ts, "");
    }
    return 0;
}

static inline void host_leave_recursion(PyThreadState *ts) {
    ts->recursion_remaining++;
}

/* Counts one frame without looking at the limit. */
static inline void host_count_recursion(PyThreadState *ts) {
    ts->recursion_remaining--;
}

static inline int host_recursion_left(PyThreadState *ts) {
    return ts->recursion_remaining;
}

static inline int host_error_pending(PyThreadState *ts) {
    return ts->curexc_type != NULL;
}

static inline _PyErr_StackItem *host_exc_info(PyThreadState *ts) {
    return ts->exc_info;
}

/* -- code objects -------------------------------------------------------------------- */

static inline _Py_CODEUNIT *host_first_instr(PyCodeObject *code) {
    return _PyCode_CODE(code);
}

/* The slot of one extension in a code object, or NULL when it was never set
 * (codeobject.c 3.11, _PyCodeObjectExtra). */
typedef struct {
    Py_ssize_t size;
    void *slots[1];
} HostCodeExtra;

static inline void *host_code_extra(PyCodeObject *code, Py_ssize_t index) {
    HostCodeExtra *extra = (HostCodeExtra *)code->co_extra;
    if (extra == NULL || extra->size <= index) {
        return NULL;
    }
    return extra->slots[index];
}

/* Sets the slot; 0, or -1 without memory and without an error.  The array is made no
 * longer than our slot needs: the host calls every slot's destructor that the array has
 * room for, also those of other extensions, whose code may be gone by then. */
static inline int host_set_code_extra(PyCodeObject *code, Py_ssize_t index, void *value) {
    HostCodeExtra *extra = (HostCodeExtra *)code->co_extra;
    Py_ssize_t size = extra == NULL ? 0 : extra->size;
    if (size <= index) {
        extra = PyMem_Realloc(
            extra, offsetof(HostCodeExtra, slots) + (size_t)(index + 1) * sizeof(void *));
        if (extra == NULL) {
            return -1;
        }
        for (; size <= index; size++) {
            extra->slots[size] = NULL;
        }
        extra->size = size;
        code->co_extra = extra;
    }
    extra->slots[index] = value;
    return 0;
}

/* -- frames -------------------------------------------------------------------------- */

/* Words of the data stack that a frame for `code` takes. */
static inline int host_frame_words(PyCodeObject *code) {
    return code->co_nlocalsplus + code->co_stacksize + (int)FRAME_SPECIALS_SIZE;
}

/* The frame says: the instruction at host unit `index` is executing. */
static inline void host_set_executing(HostFrame *frame, _Py_CODEUNIT *first, int index) {
    frame->prev_instr = first + index;
}

/* The frame says: the call at host unit `index` runs a Python callee that the host would
 * have inlined; its pointer then stands on the call's last cache unit (ceval.c 3.11). */
static inline void host_set_calling(HostFrame *frame, _Py_CODEUNIT *first, int index) {
    frame->prev_instr = first + index + INLINE_CACHE_ENTRIES_CALL;
}

/* The frame says: the next instruction is the one at host unit `index`. */
static inline void host_set_next(HostFrame *frame, _Py_CODEUNIT *first, int index) {
    frame->prev_instr = first + index - 1;
}

/* The host unit that is executing, and the one that comes next when resumed. */
static inline int host_executing(HostFrame *frame) {
    return (int)(frame->prev_instr - _PyCode_CODE(frame->f_code));
}

static inline int host_next(HostFrame *frame) {
    return (int)(frame->prev_instr - _PyCode_CODE(frame->f_code)) + 1;
}

static inline PyObject **host_stack_base(HostFrame *frame) {
    return frame->localsplus + frame->f_code->co_nlocalsplus;
}

/* Takes the value stack over: the frame keeps no depth while it runs (rule of
 * ceval.c 3.11: the collector must not see a stale depth of a generator's frame). */
static inline PyObject **host_take_stack(HostFrame *frame) {
    PyObject **sp = frame->localsplus + frame->stacktop;
    frame->stacktop = -1;
    return sp;
}

static inline void host_give_stack(HostFrame *frame, PyObject **sp) {
    frame->stacktop = (int)(sp - frame->localsplus);
}

static inline int host_is_incomplete(HostFrame *frame) {
    return _PyFrame_IsIncomplete(frame);
}

/* Whether the frame lives in a generator, coroutine or asynchronous generator. */
static inline int host_is_generator_frame(HostFrame *frame) {
    return frame->owner == FRAME_OWNED_BY_GENERATOR;
}

/* A frame for `func` on the thread's data stack with `extra` words behind it, locals
 * not yet set; NULL, with nothing changed and no error, if the chunk has no room.
 * Takes a new reference to func (pycore_frame.h 3.11, _PyFrame_InitializeSpecials). */
static inline HostFrame *host_push_frame(
    PyThreadState *ts, PyFunctionObject *func, int words, int extra)
{
    size_t size = (size_t)(words + extra);
    if (host_unlikely(ts->datastack_top == NULL
                      || size >= (size_t)(ts->datastack_limit - ts->datastack_top))) {
        return NULL;
    }
    HostFrame *frame = (HostFrame *)ts->datastack_top;
    ts->datastack_top += size;
    PyCodeObject *code = (PyCodeObject *)func->func_code;
    Py_INCREF(func);
    Py_INCREF(code);
    frame->f_func = func;
    frame->f_code = code;
    frame->f_builtins = func->func_builtins;
    frame->f_globals = func->func_globals;
    frame->f_locals = NULL;
    frame->frame_obj = NULL;
    frame->prev_instr = _PyCode_CODE(code) - 1;
    frame->stacktop = code->co_nlocalsplus;
    frame->is_entry = false;
    frame->owner = FRAME_OWNED_BY_THREAD;
    return frame;
}

/* Gives a frame's words back; only for frames made by host_push_frame, which never
 * begin a chunk. */
static inline void host_pop_frame(PyThreadState *ts, HostFrame *frame) {
    ts->datastack_top = (PyObject **)frame;
}

/* The frame object of the current, complete frame: borrowed, made if need be; NULL with
 * no error set if it could not be made. */
static inline PyFrameObject *host_frame_object(PyThreadState *ts, HostFrame *frame) {
    if (frame->frame_obj != NULL) {
        return frame->frame_obj;
    }
    PyFrameObject *made = PyThreadState_GetFrame(ts);
    Py_XDECREF(made);
    return frame->frame_obj;
}

/* A frame object outlives its frame: it takes the frame's values with it (frame.c 3.11,
 * take_ownership).  The frame must be unlinked already. */
static HOST_NOINLINE void host_give_to_frame_object(
    PyThreadState *ts, HostFrame *frame, PyFrameObject *object)
{
    size_t bytes = (size_t)((char *)&frame->localsplus[frame->stacktop] - (char *)frame);
    memcpy(object->_f_frame_data, frame, bytes);
    HostFrame *owned = (HostFrame *)object->_f_frame_data;
    object->f_frame = owned;
    owned->owner = FRAME_OWNED_BY_FRAME_OBJECT;
    if (_PyFrame_IsIncomplete(owned)) {
        owned->prev_instr =
            _PyCode_CODE(owned->f_code) + owned->f_code->_co_firsttraceable;
    }
    owned->previous = NULL;
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    object->f_back = PyThreadState_GetFrame(ts);
    PyErr_Restore(type, value, traceback);
    if (!_PyObject_GC_IS_TRACKED((PyObject *)object)) {
        _PyObject_GC_TRACK((PyObject *)object);
    }
}

/* Drops what a finished function frame holds, or leaves it to the frame object that
 * still shows it.  The stack depth must be stored and the frame unlinked: finalizers run
 * here (frame.c 3.11, _PyFrame_Clear). */
static inline void host_clear_frame(PyThreadState *ts, HostFrame *frame) {
    PyFrameObject *object = frame->frame_obj;
    if (host_unlikely(object != NULL)) {
        frame->frame_obj = NULL;
        if (Py_REFCNT(object) > 1) {
            host_give_to_frame_object(ts, frame, object);
            Py_DECREF(object);
            return;
        }
        Py_DECREF(object);
    }
    for (int i = 0; i < frame->stacktop; i++) {
        Py_XDECREF(frame->localsplus[i]);
    }
    Py_XDECREF(frame->f_locals);
    Py_DECREF(frame->f_func);
    Py_DECREF(frame->f_code);
}

/* Links a frame that the host is about to run, as the evaluator does on entry. */
static inline void host_link_entry(PyThreadState *ts, HostFrame *frame) {
    frame->is_entry = true;
    frame->previous = ts->cframe->current_frame;
    ts->cframe->current_frame = frame;
}

/* -- entering and leaving the host's evaluator --------------------------------------- */

/* Runs a frame on from where it stands by the host's own evaluator.  The frame's pointer
 * and depth are stored; the frame is linked as current; its recursion is counted.  The
 * host links and counts it again, so both are taken back first.  On return the frame is
 * unlinked, not counted, and not yet cleared (ceval.c 3.11: the caller clears). */
static inline PyObject *host_run_on(PyThreadState *ts, HostFrame *frame) {
    host_set_current_frame(ts, frame->previous);
    host_leave_recursion(ts);
    return _PyEval_EvalFrameDefault(ts, frame, 0);
}

/* -- tool events while an exception passes ------------------------------------------- */

/* Calls the trace function on for a frame that the engine is unwinding; keeps the
 * exception.  `value` NULL and what == PyTrace_RETURN says: left by exception
 * (ceval.c 3.11, call_exc_trace and call_trace_protected). */
static HOST_NOINLINE void host_trace_event(PyThreadState *ts, HostFrame *frame, int what) {
    PyObject *type, *value, *traceback, *arg = NULL;
    if (ts->tracing) {
        return;
    }
    PyErr_Fetch(&type, &value, &traceback);
    PyFrameObject *object = host_frame_object(ts, frame);
    if (object == NULL) {
        PyErr_Restore(type, value, traceback);
        return;
    }
    if (what == PyTrace_EXCEPTION) {
        PyErr_NormalizeException(&type, &value, &traceback);
        arg = PyTuple_Pack(3, type, value == NULL ? Py_None : value,
                           traceback == NULL ? Py_None : traceback);
        if (arg == NULL) {
            PyErr_Restore(type, value, traceback);
            return;
        }
    }
    ts->tracing++;
    ts->cframe->use_tracing = 0;
    object->f_lineno = PyFrame_GetLineNumber(object);
    int failed = 0;
    if (what == PyTrace_EXCEPTION || ts->c_tracefunc != NULL) {
        failed = ts->c_tracefunc(ts->c_traceobj, object, what, arg);
    }
    object->f_lineno = 0;
    if (!failed && what == PyTrace_RETURN && ts->c_profilefunc != NULL) {
        failed = ts->c_profilefunc(ts->c_profileobj, object, what, NULL);
    }
    ts->tracing--;
    ts->cframe->use_tracing =
        (ts->c_tracefunc != NULL || ts->c_profilefunc != NULL) ? 255 : 0;
    Py_XDECREF(arg);
    if (failed) {
        Py_XDECREF(type);
        Py_XDECREF(value);
        Py_XDECREF(traceback);
    }
    else {
        PyErr_Restore(type, value, traceback);
    }
}

static inline int host_has_tracefunc(PyThreadState *ts) {
    return ts->c_tracefunc != NULL;
}

/* -- generators ---------------------------------------------------------------------- */

static inline PyGenObject *host_generator_of(HostFrame *frame) {
    return _PyFrame_GetGenerator(frame);
}

/* The generator, coroutine or asynchronous generator that a call of a generator function
 * makes, the frame's content moved into it; NULL with an error, the frame untouched.
 * The frame's stack is empty and stored (ceval.c 3.11, RETURN_GENERATOR; genobject.c,
 * make_gen). */
static inline PyObject *host_make_generator(PyThreadState *ts, HostFrame *frame) {
    PyFunctionObject *func = frame->f_func;
    PyCodeObject *code = frame->f_code;
    PyTypeObject *type = &PyGen_Type;
    if (code->co_flags & CO_COROUTINE) {
        type = &PyCoro_Type;
    }
    else if (code->co_flags & CO_ASYNC_GENERATOR) {
        type = &PyAsyncGen_Type;
    }
    int slots = code->co_nlocalsplus + code->co_stacksize;
    PyGenObject *gen = PyObject_GC_NewVar(PyGenObject, type, slots);
    if (gen == NULL) {
        return NULL;
    }
    gen->gi_code = (PyCodeObject *)Py_NewRef(code);
    gen->gi_weakreflist = NULL;
    gen->gi_exc_state.exc_value = NULL;
    gen->gi_exc_state.previous_item = NULL;
    gen->gi_name = Py_NewRef(func->func_name);
    gen->gi_qualname = Py_NewRef(func->func_qualname);
    gen->gi_origin_or_finalizer = NULL;
    gen->gi_hooks_inited = 0;
    gen->gi_closed = 0;
    gen->gi_running_async = 0;
    HostFrame *into = (HostFrame *)gen->gi_iframe;
    size_t bytes = (size_t)((char *)&frame->localsplus[frame->stacktop] - (char *)frame);
    memcpy(into, frame, bytes);
    into->previous = NULL;
    into->owner = FRAME_OWNED_BY_GENERATOR;
    gen->gi_frame_state = FRAME_CREATED;
    _PyObject_GC_TRACK((PyObject *)gen);
    return (PyObject *)gen;
}

/* Whether coroutines must remember where they were made: the host's to do. */
static inline int host_tracks_coroutine_origin(PyThreadState *ts) {
    return ts->coroutine_origin_tracking_depth != 0;
}

/* Leaves an entry frame whose content has moved into a generator in the state in which
 * the caller may clear it. */
static inline void host_hollow_out(HostFrame *frame) {
    frame->stacktop = 0;
    frame->f_locals = NULL;
    Py_INCREF(frame->f_func);
    Py_INCREF(frame->f_code);
}

/* The frame of a suspended generator that delegates to another iterator: that iterator,
 * borrowed, else NULL (genobject.c 3.11, _PyGen_yf). */
static inline PyObject *host_delegate(PyGenObject *gen) {
    if (gen->gi_frame_state >= FRAME_CLEARED || gen->gi_frame_state == FRAME_CREATED) {
        return NULL;
    }
    HostFrame *frame = (HostFrame *)gen->gi_iframe;
    if (frame->stacktop <= frame->f_code->co_nlocalsplus) {
        return NULL;
    }
    _Py_CODEUNIT next = frame->prev_instr[1];
    int op = _Py_OPCODE(next);
    if ((op != RESUME && op != RESUME_QUICK) || _Py_OPARG(next) < 2) {
        return NULL;
    }
    return frame->localsplus[frame->stacktop - 1];
}

/* Whether the object is a generator that may be awaited: types.coroutine made it so. */
static inline int host_is_generator_coroutine(PyObject *object) {
    return PyGen_CheckExact(object)
        && (((PyGenObject *)object)->gi_code->co_flags & CO_ITERABLE_COROUTINE);
}

/* Marks the generator that owns the frame as suspended at a yield. */
static inline void host_suspend(HostFrame *frame, PyObject **sp) {
    host_give_stack(frame, sp);
    _PyFrame_GetGenerator(frame)->gi_frame_state = FRAME_SUSPENDED;
}

/* Wraps what an asynchronous generator yields, so that its driver can tell it from what
 * it awaits.  Steals the value; NULL with an error and the value kept (genobject.c 3.11). */
typedef struct {
    PyObject_HEAD
    PyObject *agw_val;
} HostAsyncGenValue;

static inline PyObject *host_wrap_async_value(PyObject *value) {
    HostAsyncGenValue *wrapped =
        PyObject_GC_New(HostAsyncGenValue, &_PyAsyncGenWrappedValue_Type);
    if (wrapped == NULL) {
        return NULL;
    }
    wrapped->agw_val = value;
    _PyObject_GC_TRACK((PyObject *)wrapped);
    return (PyObject *)wrapped;
}

/* Whether the code holds a jump backwards: its first call may be a long one.  Cache
 * units that look like one only make it warm earlier. */
static inline int host_has_loop(PyCodeObject *code) {
    _Py_CODEUNIT *unit = _PyCode_CODE(code);
    for (Py_ssize_t left = Py_SIZE(code); left > 0; left--, unit++) {
        switch (_Py_OPCODE(*unit)) {
            case JUMP_BACKWARD:
            case JUMP_BACKWARD_QUICK:
            case POP_JUMP_BACKWARD_IF_FALSE:
            case POP_JUMP_BACKWARD_IF_TRUE:
            case POP_JUMP_BACKWARD_IF_NONE:
            case POP_JUMP_BACKWARD_IF_NOT_NONE:
                return 1;
        }
    }
    return 0;
}

/* -- numbers and sequences ----------------------------------------------------------- */

/* Whether both are exact ints of at most one digit; then their values, whose sum,
 * difference and product fit a long (longintrepr.h 3.11: 30-bit digits). */
static inline int host_both_compact(PyObject *left, PyObject *right, long *a, long *b) {
    if (!PyLong_CheckExact(left) || !PyLong_CheckExact(right)) {
        return 0;
    }
    Py_ssize_t m = Py_SIZE(left), n = Py_SIZE(right);
    if ((size_t)(m + 1) > 2 || (size_t)(n + 1) > 2) {
        return 0;
    }
    *a = (long)m * ((PyLongObject *)left)->ob_digit[0];
    *b = (long)n * ((PyLongObject *)right)->ob_digit[0];
    return 1;
}

/* The value of an exact int that is 0 or has one digit and no sign, else -1. */
static inline Py_ssize_t host_compact_index(PyObject *value) {
    if (!PyLong_CheckExact(value) || (size_t)Py_SIZE(value) > 1) {
        return -1;
    }
    return Py_SIZE(value) * (Py_ssize_t)((PyLongObject *)value)->ob_digit[0];
}

/* -- types, instances and their dicts ------------------------------------------------ */

/* The version of a type, or 0: changes whenever the type or a base of it does, and is
 * never used again (typeobject.c 3.11). */
static inline unsigned int host_type_version(PyTypeObject *type) {
    return PyType_HasFeature(type, Py_TPFLAGS_VALID_VERSION_TAG) ? type->tp_version_tag : 0;
}

/* The inline attribute values of an instance whose type has a managed dict; NULL when
 * they have moved into its dict (pycore_object.h 3.11). */
static inline PyObject **host_instance_values(PyObject *owner) {
    PyDictValues *values = ((PyDictValues **)owner)[-4];
    return values == NULL ? NULL : values->values;
}

/* The dict of such an instance, borrowed; NULL when it has none. */
static inline PyObject *host_instance_dict(PyObject *owner) {
    return ((PyObject **)owner)[-3];
}

/* Stores the value, whose reference is taken over, in an instance's inline values. */
static inline void host_store_value(PyObject *owner, int index, PyObject *value) {
    PyDictValues *values = ((PyDictValues **)owner)[-4];
    PyObject *old = values->values[index];
    values->values[index] = value;
    if (old == NULL) {
        _PyDictValues_AddToInsertionOrder(values, index);
    }
    else {
        Py_DECREF(old);
    }
}

/* How many attribute names the instances of a type share so far: the list only grows. */
static inline int host_shared_names(PyTypeObject *type) {
    PyDictKeysObject *keys = ((PyHeapTypeObject *)type)->ht_cached_keys;
    return keys == NULL ? 0 : (int)keys->dk_nentries;
}

/* The index of an interned name among them, or -1. */
static inline int host_shared_index(PyTypeObject *type, PyObject *name) {
    PyDictKeysObject *keys = ((PyHeapTypeObject *)type)->ht_cached_keys;
    if (keys != NULL) {
        PyDictUnicodeEntry *entries = DK_UNICODE_ENTRIES(keys);
        for (int i = 0; i < (int)keys->dk_nentries; i++) {
            if (entries[i].me_key == name) {
                return i;
            }
        }
    }
    return -1;
}

static inline int host_keys_index(PyDictKeysObject *keys, size_t slot) {
    int log2 = DK_LOG_SIZE(keys);
    if (log2 < 8) {
        return ((int8_t *)keys->dk_indices)[slot];
    }
    if (log2 < 16) {
        return ((int16_t *)keys->dk_indices)[slot];
    }
    return ((int32_t *)keys->dk_indices)[slot];
}

/* Looks an exact string with a known hash up in an exact dict: 1 with the value,
 * borrowed; 0 if it is certainly absent; -1 if only the host can tell
 * (dictobject.c 3.11: open addressing, perturbed by the hash's upper bits). */
static inline int host_find_name(PyObject *dict, PyObject *name, PyObject **value) {
    PyDictObject *mapping = (PyDictObject *)dict;
    PyDictKeysObject *keys = mapping->ma_keys;
    Py_hash_t hash = ((PyASCIIObject *)name)->hash;
    if (keys->dk_kind != DICT_KEYS_UNICODE || hash == -1 || DK_LOG_SIZE(keys) >= 32) {
        return -1;
    }
    PyDictUnicodeEntry *entries = DK_UNICODE_ENTRIES(keys);
    size_t mask = ((size_t)1 << DK_LOG_SIZE(keys)) - 1;
    size_t perturb = (size_t)hash;
    size_t slot = (size_t)hash & mask;
    for (;;) {
        int index = host_keys_index(keys, slot);
        if (index >= 0) {
            PyObject *key = entries[index].me_key;
            if (key == name) {
                *value = entries[index].me_value;
                return *value != NULL ? 1 : -1;
            }
            if (((PyASCIIObject *)key)->hash == hash) {
                return -1;
            }
        }
        else if (index == DKIX_EMPTY) {
            return 0;
        }
        perturb >>= 5;
        slot = (slot * 5 + perturb + 1) & mask;
    }
}

/* Whether the descriptor is a `__slots__` entry of the type or of a base of it, and not
 * one that was put there from another class; then the offset of its value. */
static inline int host_slot_offset(
    PyTypeObject *type, PyObject *descriptor, Py_ssize_t *offset)
{
    if (!Py_IS_TYPE(descriptor, &PyMemberDescr_Type)
        || !PyType_IsSubtype(type, PyDescr_TYPE(descriptor))) {
        return 0;
    }
    PyMemberDef *member = ((PyMemberDescrObject *)descriptor)->d_member;
    if (member->type != T_OBJECT_EX || member->flags != 0) {
        return 0;
    }
    *offset = member->offset;
    return 1;
}

static inline int host_is_data_descriptor(PyObject *value) {
    return Py_TYPE(value)->tp_descr_set != NULL;
}

static inline int host_is_descriptor(PyObject *value) {
    return Py_TYPE(value)->tp_descr_get != NULL;
}

static inline int host_has_managed_dict(PyTypeObject *type) {
    return PyType_HasFeature(type, Py_TPFLAGS_MANAGED_DICT);
}

static inline int host_has_no_dict(PyTypeObject *type) {
    return type->tp_dictoffset == 0;
}

static inline int host_loads_generically(PyTypeObject *type) {
    return type->tp_getattro == PyObject_GenericGetAttr;
}

static inline int host_stores_generically(PyTypeObject *type) {
    return type->tp_setattro == PyObject_GenericSetAttr;
}

static inline PyObject *host_module_dict(PyObject *module) {
    return PyModule_GetDict(module);
}

/* -- functions ----------------------------------------------------------------------- */

/* Whether calling the function means just this: bind the arguments, run the code. */
static inline int host_is_plain_function(PyObject *callable) {
    return Py_IS_TYPE(callable, &PyFunction_Type)
        && ((PyFunctionObject *)callable)->vectorcall == _PyFunction_Vectorcall;
}

/* -- imports ------------------------------------------------------------------------- */

/* The interpreter's own __import__, borrowed: while builtins holds this one, an import
 * statement need not call it (ceval.c 3.11, import_name). */
static inline PyObject *host_import_func(void) {
    return PyInterpreterState_Get()->import_func;
}

/* -- the process --------------------------------------------------------------------- */

/* The program begins: an empty frame stack and the whole recursion limit. */
static inline void host_begin_program(PyThreadState *ts) {
    ts->cframe->current_frame = NULL;
    ts->recursion_remaining = ts->recursion_limit;
}

/* -- the frame-evaluation hook ------------------------------------------------------- */

/* Whether calls of Python functions come to `hook` first: another tool may have put its
 * own in its place. */
static inline int host_hook_is(PyThreadState *ts, _PyFrameEvalFunction hook) {
    return ts->interp->eval_frame == hook;
}

/* -- what must be true of the running host ------------------------------------------- */

/* NULL, or why the running interpreter is not the one that this was compiled for: the
 * sizes that its types declare, then what fields of the thread state should say. */
static inline const char *host_mismatch(void) {
    PyThreadState *ts = PyThreadState_Get();
    if ((Py_Version >> 16) != (PY_VERSION_HEX >> 16)) {
        return "built for another minor version of CPython";
    }
    if (PyFunction_Type.tp_basicsize != (Py_ssize_t)sizeof(PyFunctionObject)
        || PyCode_Type.tp_basicsize
           != (Py_ssize_t)offsetof(PyCodeObject, co_code_adaptive)
        || PyFrame_Type.tp_basicsize
           != (Py_ssize_t)(offsetof(PyFrameObject, _f_frame_data)
                           + offsetof(HostFrame, localsplus))
        || PyGen_Type.tp_basicsize
           != (Py_ssize_t)(offsetof(PyGenObject, gi_iframe)
                           + offsetof(HostFrame, localsplus))) {
        return "the sizes of frames, functions, generators or code differ";
    }
    PyFrameObject *running = PyThreadState_GetFrame(ts);
    HostFrame *frame = ts->cframe->current_frame;
    while (frame != NULL && _PyFrame_IsIncomplete(frame)) {
        frame = frame->previous;
    }
    int same = running == NULL ? frame == NULL : running->f_frame == frame;
    Py_XDECREF(running);
    if (!same || ts->interp != PyInterpreterState_Get()
        || ts->recursion_limit != Py_GetRecursionLimit()
        || (ts->interp->eval_frame != NULL
            && ts->interp->eval_frame
               != _PyInterpreterState_GetEvalFrameFunc(ts->interp))) {
        return "the thread state is laid out differently";
    }
    return NULL;
}

#endif
