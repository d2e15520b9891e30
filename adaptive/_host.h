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
#include "internal/pycore_list.h"
#include "internal/pycore_moduleobject.h"
#include "internal/pycore_object.h"
#include "internal/pycore_pystate.h"
#include "internal/pycore_runtime.h"
#include "internal/pycore_gc.h"
#include "internal/pycore_genobject.h"
#include "opcode.h"
#undef Py_BUILD_CORE

#define host_likely(x) __builtin_expect(!!(x), 1)
#define host_unlikely(x) __builtin_expect(!!(x), 0)
#define HOST_NOINLINE __attribute__((noinline, unused))
#define HOST_INLINE static inline __attribute__((always_inline))

/* Keeps a local variable out of the registers, which others need more. */
#define host_keep_in_memory(variable) \
    __asm__ volatile("" : : "r"(&(variable)) : "memory")

typedef _PyInterpreterFrame HostFrame;

/* -- the running thread -------------------------------------------------------------- */

HOST_INLINE void host_set_current_frame(PyThreadState *ts, HostFrame *frame) {
    ts->cframe->current_frame = frame;
}

/* Whether a trace or profile function is on: such frames are the host's to run. */
HOST_INLINE int host_tracing(PyThreadState *ts) {
    return ts->cframe->use_tracing;
}

/* The same of the thread that runs, for where its state is not at hand. */
HOST_INLINE int host_tracing_here(void) {
    return host_tracing(_PyThreadState_GET());
}

/* Whether the interpreter is being taken down: modules lose their names one by one. */
HOST_INLINE int host_finalizing(void) {
    return _Py_IsFinalizing();
}

/* Whether the thread runs a tool's function: nothing is told to tools then. */
HOST_INLINE int host_in_tool(PyThreadState *ts) {
    return ts->tracing != 0;
}

HOST_INLINE void host_enter_tool(PyThreadState *ts) {
    PyThreadState_EnterTracing(ts);
}

HOST_INLINE void host_leave_tool(PyThreadState *ts) {
    PyThreadState_LeaveTracing(ts);
}

/* Whether signals, a GIL request, pending calls or an asynchronous exception wait. */
HOST_INLINE int host_work_pending(PyThreadState *ts) {
    return _Py_atomic_load_relaxed(&ts->interp->ceval.eval_breaker);
}

/* Counts one Python frame.  0, or -1 with RecursionError set and nothing counted
 * (ceval.c 3.11, start_frame). */
HOST_INLINE int host_enter_recursion(PyThreadState *ts) {
    if (host_unlikely(ts->recursion_remaining-- <= 0)) {
        return _Py_CheckRecursiveCall(ts, "");
    }
    return 0;
}

HOST_INLINE void host_leave_recursion(PyThreadState *ts) {
    ts->recursion_remaining++;
}

/* Counts one frame without looking at the limit. */
HOST_INLINE void host_count_recursion(PyThreadState *ts) {
    ts->recursion_remaining--;
}

HOST_INLINE int host_recursion_left(PyThreadState *ts) {
    return ts->recursion_remaining;
}

/* Never given to another thread of the process. */
HOST_INLINE unsigned long long host_thread_number(PyThreadState *ts) {
    return ts->id;
}

/* What threading.get_ident() says in it. */
HOST_INLINE unsigned long host_thread_ident(PyThreadState *ts) {
    return ts->thread_id;
}

HOST_INLINE int host_error_pending(PyThreadState *ts) {
    return ts->curexc_type != NULL;
}

HOST_INLINE _PyErr_StackItem *host_exc_info(PyThreadState *ts) {
    return ts->exc_info;
}

/* -- code objects -------------------------------------------------------------------- */

HOST_INLINE _Py_CODEUNIT *host_first_instr(PyCodeObject *code) {
    return _PyCode_CODE(code);
}

/* The slot of one extension in a code object, or NULL when it was never set
 * (codeobject.c 3.11, _PyCodeObjectExtra). */
typedef struct {
    Py_ssize_t size;
    void *slots[1];
} HostCodeExtra;

HOST_INLINE void *host_code_extra(PyCodeObject *code, Py_ssize_t index) {
    HostCodeExtra *extra = (HostCodeExtra *)code->co_extra;
    if (extra == NULL || extra->size <= index) {
        return NULL;
    }
    return extra->slots[index];
}

/* Sets the slot; 0, or -1 without memory and without an error.  The array is made no
 * longer than our slot needs: the host calls every slot's destructor that the array has
 * room for, also those of other extensions, whose code may be gone by then. */
static HOST_NOINLINE int host_set_code_extra(PyCodeObject *code, Py_ssize_t index, void *value) {
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

/* The host unit of the code's first RESUME: before it the frame counts as incomplete. */
HOST_INLINE int host_first_traceable(PyCodeObject *code) {
    return code->_co_firsttraceable;
}

/* The source line of each of the code's host units, -1 for none (Objects/locations.md:
 * an entry's first byte has its top bit set, and no other byte has). */
static HOST_NOINLINE void host_fill_lines(PyCodeObject *code, int *lines, Py_ssize_t count) {
    const unsigned char *at = (const unsigned char *)PyBytes_AS_STRING(code->co_linetable);
    const unsigned char *end = at + PyBytes_GET_SIZE(code->co_linetable);
    int line = code->co_firstlineno;
    Py_ssize_t unit = 0;
    while (at < end) {
        int kind = (*at >> 3) & 15;
        int length = (*at & 7) + 1;
        at++;
        if (kind == PY_CODE_LOCATION_INFO_NO_COLUMNS || kind == PY_CODE_LOCATION_INFO_LONG) {
            unsigned int delta = 0;
            int shift = 0;
            do {
                delta |= (*at & 63u) << shift;
                shift += 6;
            } while (*at++ & 64);
            line += delta & 1 ? -(int)(delta >> 1) : (int)(delta >> 1);
        }
        else if (kind >= PY_CODE_LOCATION_INFO_ONE_LINE0
                 && kind <= PY_CODE_LOCATION_INFO_ONE_LINE2) {
            line += kind - PY_CODE_LOCATION_INFO_ONE_LINE0;
        }
        while (at < end && !(*at & 128)) {
            at++;
        }
        for (; length > 0 && unit < count; length--) {
            lines[unit++] = kind == PY_CODE_LOCATION_INFO_NONE ? -1 : line;
        }
    }
    while (unit < count) {
        lines[unit++] = -1;
    }
}

/* Whether a variable's slot holds a cell once the function has begun. */
HOST_INLINE int host_is_cell_slot(PyCodeObject *code, int slot) {
    return (_PyLocals_GetKind(code->co_localspluskinds, slot) & CO_FAST_CELL) != 0;
}

/* -- frames -------------------------------------------------------------------------- */

/* Words of the data stack that a frame for `code` takes. */
HOST_INLINE int host_frame_words(PyCodeObject *code) {
    return code->co_nlocalsplus + code->co_stacksize + (int)FRAME_SPECIALS_SIZE;
}

/* The frame says: the instruction at host unit `index` is executing. */
HOST_INLINE void host_set_executing(HostFrame *frame, _Py_CODEUNIT *first, int index) {
    frame->prev_instr = first + index;
}

/* The frame says: the call at host unit `index` runs a Python callee that the host would
 * have inlined; its pointer then stands on the call's last cache unit (ceval.c 3.11). */
HOST_INLINE void host_set_calling(HostFrame *frame, _Py_CODEUNIT *first, int index) {
    frame->prev_instr = first + index + INLINE_CACHE_ENTRIES_CALL;
}

/* The frame says: the next instruction is the one at host unit `index`. */
HOST_INLINE void host_set_next(HostFrame *frame, _Py_CODEUNIT *first, int index) {
    frame->prev_instr = first + index - 1;
}

/* The host unit that is executing, and the one that comes next when resumed. */
HOST_INLINE int host_executing(HostFrame *frame) {
    return (int)(frame->prev_instr - _PyCode_CODE(frame->f_code));
}

HOST_INLINE int host_next(HostFrame *frame) {
    return (int)(frame->prev_instr - _PyCode_CODE(frame->f_code)) + 1;
}

HOST_INLINE PyObject **host_stack_base(HostFrame *frame) {
    return frame->localsplus + frame->f_code->co_nlocalsplus;
}

/* Takes the value stack over: the frame keeps no depth while it runs (rule of
 * ceval.c 3.11: the collector must not see a stale depth of a generator's frame). */
HOST_INLINE PyObject **host_take_stack(HostFrame *frame) {
    PyObject **sp = frame->localsplus + frame->stacktop;
    frame->stacktop = -1;
    return sp;
}

/* The same for a frame of so many locals whose stack is empty. */
HOST_INLINE PyObject **host_take_empty_stack(HostFrame *frame, int locals) {
    frame->stacktop = -1;
    return frame->localsplus + locals;
}

HOST_INLINE void host_give_stack(HostFrame *frame, PyObject **sp) {
    frame->stacktop = (int)(sp - frame->localsplus);
}

/* Whether the frame is a function's that the loop itself has pushed: neither entered from
 * C nor a generator's.  Both fields are of one byte and lie side by side. */
HOST_INLINE int host_is_pushed(HostFrame *frame) {
    uint16_t kinds;
    _Static_assert(offsetof(HostFrame, owner) == offsetof(HostFrame, is_entry) + 1
                   && FRAME_OWNED_BY_THREAD == 0, "two bytes to compare with zero");
    memcpy(&kinds, &frame->is_entry, sizeof(kinds));
    return kinds == 0;
}

/* Whether anybody may look at the frame's content by its object or its locals' dict. */
HOST_INLINE int host_is_shown(HostFrame *frame) {
    return frame->frame_obj != NULL || frame->f_locals != NULL;
}

HOST_INLINE int host_is_incomplete(HostFrame *frame) {
    return _PyFrame_IsIncomplete(frame);
}

/* A frame for `func` of `words`, with so many locals, on the thread's data stack with
 * `before` words below it, locals not yet set; NULL, with nothing changed and no error,
 * if the chunk has no room.  Takes the reference to func over (pycore_frame.h 3.11,
 * _PyFrame_InitializeSpecials). */
HOST_INLINE HostFrame *host_push_frame(
    PyThreadState *ts, PyFunctionObject *func, int words, int locals, int before)
{
    size_t size = (size_t)(before + words);
    if (host_unlikely(ts->datastack_top == NULL
                      || size >= (size_t)(ts->datastack_limit - ts->datastack_top))) {
        return NULL;
    }
    HostFrame *frame = (HostFrame *)(ts->datastack_top + before);
    ts->datastack_top += size;
    PyCodeObject *code = (PyCodeObject *)func->func_code;
    Py_INCREF(code);
    frame->f_func = func;
    frame->f_code = code;
    frame->f_builtins = func->func_builtins;
    frame->f_globals = func->func_globals;
    frame->f_locals = NULL;
    frame->frame_obj = NULL;
    frame->prev_instr = _PyCode_CODE(code) - 1;
    frame->stacktop = locals;
    frame->is_entry = false;
    frame->owner = FRAME_OWNED_BY_THREAD;
    return frame;
}

/* Gives a frame's words back, and those below it; only for frames made by
 * host_push_frame, which never begin a chunk. */
HOST_INLINE void host_pop_frame(PyThreadState *ts, HostFrame *frame, int before) {
    ts->datastack_top = (PyObject **)frame - before;
}

/* The frame object of the current, complete frame: borrowed, made if need be; NULL with
 * no error set if it could not be made. */
static HOST_NOINLINE PyFrameObject *host_frame_object(PyThreadState *ts, HostFrame *frame) {
    if (frame->frame_obj != NULL) {
        return frame->frame_obj;
    }
    PyFrameObject *made = PyThreadState_GetFrame(ts);
    Py_XDECREF(made);
    return frame->frame_obj;
}

/* While a tool is told of a line its function may set the frame's f_lineno, which the
 * host allows to trace functions (frameobject.c 3.11, frame_setlineno): that takes the
 * stack, the event's name and a trace function of the frame's own.  None stands in for
 * that one, which is what anybody reads who finds none. */
static HOST_NOINLINE int host_begin_line(
    PyThreadState *ts, HostFrame *frame, PyObject **sp)
{
    int what = ts->tracing_what;
    PyFrameObject *object = host_frame_object(ts, frame);
    host_give_stack(frame, sp);
    if (object != NULL && object->f_trace == NULL) {
        Py_INCREF(Py_None);
        object->f_trace = Py_None;
    }
    ts->tracing_what = PyTrace_LINE;
    return what;
}

/* `what` is what host_begin_line has returned.  The stack, from which values are gone if
 * the frame now stands elsewhere. */
static HOST_NOINLINE PyObject **host_end_line(
    PyThreadState *ts, HostFrame *frame, int what)
{
    PyFrameObject *object = frame->frame_obj;
    if (object != NULL && object->f_trace == Py_None) {
        Py_CLEAR(object->f_trace);
    }
    ts->tracing_what = what;
    return host_take_stack(frame);
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
HOST_INLINE void host_clear_frame(PyThreadState *ts, HostFrame *frame) {
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
HOST_INLINE void host_link_entry(PyThreadState *ts, HostFrame *frame) {
    frame->is_entry = true;
    frame->previous = ts->cframe->current_frame;
    ts->cframe->current_frame = frame;
}

/* -- entering and leaving the host's evaluator --------------------------------------- */

/* Runs a frame on from where it stands by the host's own evaluator.  The frame's pointer
 * and depth are stored; the frame is linked as current; its recursion is counted.  The
 * host links and counts it again, so both are taken back first.  On return the frame is
 * unlinked, not counted, and not yet cleared (ceval.c 3.11: the caller clears). */
HOST_INLINE PyObject *host_run_on(PyThreadState *ts, HostFrame *frame) {
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

HOST_INLINE int host_has_tracefunc(PyThreadState *ts) {
    return ts->c_tracefunc != NULL;
}

/* -- generators ---------------------------------------------------------------------- */

/* The generator, coroutine or asynchronous generator that a call of a generator function
 * makes, the frame's content moved into it; NULL with an error, the frame untouched.
 * The frame's stack is empty and stored (ceval.c 3.11, RETURN_GENERATOR; genobject.c,
 * make_gen). */
static HOST_NOINLINE PyObject *host_make_generator(PyThreadState *ts, HostFrame *frame) {
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

/* Ends an object that nothing refers to any more.  A generator or coroutine that has
 * returned needs neither its finalizer nor what leads to it (genobject.c 3.11,
 * gen_dealloc). */
static HOST_NOINLINE void host_end_object(PyObject *object) {
    PyGenObject *gen = (PyGenObject *)object;
    if (
        !(PyCoro_CheckExact(object) || PyGen_CheckExact(object))
        || gen->gi_frame_state != FRAME_CLEARED || gen->gi_weakreflist != NULL
        || gen->gi_exc_state.exc_value != NULL || gen->gi_origin_or_finalizer != NULL
    ) {
        _Py_Dealloc(object);
        return;
    }
    _PyObject_GC_UNTRACK(object);
    Py_DECREF(gen->gi_code);
    Py_DECREF(gen->gi_name);
    Py_DECREF(gen->gi_qualname);
    PyObject_GC_Del(object);
}

/* Whether coroutines must remember where they were made: the host's to do. */
HOST_INLINE int host_tracks_coroutine_origin(PyThreadState *ts) {
    return ts->coroutine_origin_tracking_depth != 0;
}

/* Leaves an entry frame whose content has moved into a generator in the state in which
 * the caller may clear it. */
static HOST_NOINLINE void host_hollow_out(HostFrame *frame) {
    frame->stacktop = 0;
    frame->f_locals = NULL;
    Py_INCREF(frame->f_func);
    Py_INCREF(frame->f_code);
}

/* The frame of a suspended generator that delegates to another iterator: that iterator,
 * borrowed, else NULL (genobject.c 3.11, _PyGen_yf). */
static HOST_NOINLINE PyObject *host_delegate(PyGenObject *gen) {
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
HOST_INLINE int host_is_generator_coroutine(PyObject *object) {
    return PyGen_CheckExact(object)
        && (((PyGenObject *)object)->gi_code->co_flags & CO_ITERABLE_COROUTINE);
}

/* Marks the generator that owns the frame as suspended at a yield. */
HOST_INLINE void host_suspend(HostFrame *frame, PyObject **sp) {
    host_give_stack(frame, sp);
    _PyFrame_GetGenerator(frame)->gi_frame_state = FRAME_SUSPENDED;
}

HOST_INLINE int host_is_generator_frame(HostFrame *frame) {
    return frame->owner == FRAME_OWNED_BY_GENERATOR;
}

HOST_INLINE PyCodeObject *host_generator_code(PyObject *generator) {
    return ((PyGenObject *)generator)->gi_code;
}

/* Whether a generator or coroutine stands at its beginning or at a yield. */
HOST_INLINE int host_can_resume(PyObject *generator) {
    return ((PyGenObject *)generator)->gi_frame_state < FRAME_EXECUTING;
}

HOST_INLINE int host_is_new(PyObject *generator) {
    return ((PyGenObject *)generator)->gi_frame_state == FRAME_CREATED;
}

HOST_INLINE HostFrame *host_frame_of(PyObject *generator) {
    return (HostFrame *)((PyGenObject *)generator)->gi_iframe;
}

/* The generator runs from now on, in the loop that calls this: `value`, whose reference
 * is taken over, is sent into it (genobject.c 3.11, gen_send_ex2). */
HOST_INLINE HostFrame *host_resume(
    PyThreadState *ts, PyObject *generator, HostFrame *caller, PyObject *value)
{
    PyGenObject *gen = (PyGenObject *)generator;
    HostFrame *frame = host_frame_of(generator);
    frame->localsplus[frame->stacktop++] = value;
    frame->previous = caller;
    frame->is_entry = false;
    gen->gi_exc_state.previous_item = ts->exc_info;
    ts->exc_info = &gen->gi_exc_state;
    gen->gi_frame_state = FRAME_EXECUTING;
    return frame;
}

/* The generator's frame has stopped and been unlinked: 1 if it is suspended at a yield; 0
 * if it is done, and then its frame is cleared.  Without a result, a StopIteration that
 * is pending is turned into the RuntimeError that the host makes of it. */
static HOST_NOINLINE int host_after_resume(
    PyThreadState *ts, HostFrame *frame, PyObject *result)
{
    PyGenObject *gen = _PyFrame_GetGenerator(frame);
    ts->exc_info = gen->gi_exc_state.previous_item;
    gen->gi_exc_state.previous_item = NULL;
    frame->previous = NULL;
    if (host_likely(gen->gi_frame_state == FRAME_SUSPENDED && result != NULL)) {
        return 1;
    }
    if (result == NULL && PyErr_ExceptionMatches(PyExc_StopIteration)) {
        _PyErr_FormatFromCause(
            PyExc_RuntimeError, "%s raised StopIteration",
            PyCoro_CheckExact(gen) ? "coroutine" : "generator");
    }
    PyObject *handled = gen->gi_exc_state.exc_value;
    gen->gi_exc_state.exc_value = NULL;
    Py_XDECREF(handled);
    gen->gi_frame_state = FRAME_CLEARED;
    host_clear_frame(ts, frame);
    return 0;
}

/* Words of the thread's data stack, given back by host_pop_words; NULL if the chunk has
 * no room. */
HOST_INLINE PyObject **host_push_words(PyThreadState *ts, int count) {
    if (host_unlikely(ts->datastack_top == NULL
                      || count >= ts->datastack_limit - ts->datastack_top)) {
        return NULL;
    }
    PyObject **words = ts->datastack_top;
    ts->datastack_top += count;
    return words;
}

HOST_INLINE PyObject **host_pop_words(PyThreadState *ts, int count) {
    ts->datastack_top -= count;
    return ts->datastack_top;
}

/* Wraps what an asynchronous generator yields, so that its driver can tell it from what
 * it awaits.  Steals the value; NULL with an error and the value kept (genobject.c 3.11). */
typedef struct {
    PyObject_HEAD
    PyObject *agw_val;
} HostAsyncGenValue;

static HOST_NOINLINE PyObject *host_wrap_async_value(PyObject *value) {
    HostAsyncGenValue *wrapped;
    struct _Py_async_gen_state *state = &_PyInterpreterState_GET()->async_gen;
    if (state->value_numfree > 0) {
        state->value_numfree--;
        wrapped = (HostAsyncGenValue *)state->value_freelist[state->value_numfree];
        _Py_NewReference((PyObject *)wrapped);
    }
    else {
        wrapped = PyObject_GC_New(HostAsyncGenValue, &_PyAsyncGenWrappedValue_Type);
        if (wrapped == NULL) {
            return NULL;
        }
    }
    wrapped->agw_val = value;
    _PyObject_GC_TRACK((PyObject *)wrapped);
    return (PyObject *)wrapped;
}

/* What asynchronous generators' __anext__() and asend() return. */
typedef struct {
    PyObject_HEAD
    PyAsyncGenObject *ags_gen;
    PyObject *ags_sendval;
    int ags_state;
} HostAsyncGenSend;

enum { HOST_ASEND_INIT, HOST_ASEND_ITER, HOST_ASEND_CLOSED };

/* PyIter_Send to such a one, without the StopIteration that would bring what the
 * generator yields (genobject.c 3.11, async_gen_asend_send). */
static HOST_NOINLINE PySendResult host_send_to_asend(
    PyObject *object, PyObject *value, PyObject **result
) {
    HostAsyncGenSend *asend = (HostAsyncGenSend *)object;
    PyAsyncGenObject *generator = asend->ags_gen;
    if (
        asend->ags_state == HOST_ASEND_CLOSED
        || (asend->ags_state == HOST_ASEND_INIT && generator->ag_running_async)
    ) {
        return PyIter_Send(object, value, result);
    }
    if (asend->ags_state == HOST_ASEND_INIT) {
        if (value == Py_None && asend->ags_sendval != NULL) {
            value = asend->ags_sendval;
        }
        asend->ags_state = HOST_ASEND_ITER;
    }
    generator->ag_running_async = 1;
    PySendResult sent = PyIter_Send((PyObject *)generator, value, result);
    if (sent == PYGEN_NEXT) {
        if (!Py_IS_TYPE(*result, &_PyAsyncGenWrappedValue_Type)) {
            return PYGEN_NEXT;
        }
        PyObject *wrapped = *result;
        *result = Py_NewRef(((HostAsyncGenValue *)wrapped)->agw_val);
        Py_DECREF(wrapped);
        sent = PYGEN_RETURN;
    }
    else {
        if (sent == PYGEN_RETURN) {
            Py_CLEAR(*result);
            PyErr_SetNone(PyExc_StopAsyncIteration);
            sent = PYGEN_ERROR;
        }
        if (
            PyErr_ExceptionMatches(PyExc_StopAsyncIteration)
            || PyErr_ExceptionMatches(PyExc_GeneratorExit)
        ) {
            generator->ag_closed = 1;
        }
    }
    generator->ag_running_async = 0;
    asend->ags_state = HOST_ASEND_CLOSED;
    return sent;
}

/* Whether the code holds a jump backwards: its first call may be a long one.  Cache
 * units that look like one only make it warm earlier. */
static HOST_NOINLINE int host_has_loop(PyCodeObject *code) {
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
HOST_INLINE int host_both_compact(PyObject *left, PyObject *right, long *a, long *b) {
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

/* Whether an exact int has at most two digits; then its value. */
static HOST_NOINLINE int host_medium(PyObject *value, long *number) {
    Py_ssize_t size = Py_SIZE(value);
    digit *digits = ((PyLongObject *)value)->ob_digit;
    if ((size_t)(size + 2) > 4) {
        return 0;
    }
    long magnitude = digits[0];
    if (size == 2 || size == -2) {
        magnitude |= (long)digits[1] << PyLong_SHIFT;
    }
    *number = size == 0 ? 0 : size < 0 ? -magnitude : magnitude;
    return 1;
}

HOST_INLINE int host_multiply_overflows(long a, long b, long *product) {
    return __builtin_mul_overflow(a, b, product);
}

/* Whether two exact ints have at most two digits each; then their values. */
static HOST_NOINLINE int host_both_medium(
    PyObject *left, PyObject *right, long *a, long *b)
{
    return host_medium(left, a) && host_medium(right, b);
}

/* Whether the value is an exact int of at most one digit; then its value. */
HOST_INLINE int host_compact(PyObject *value, long *number) {
    if (!PyLong_CheckExact(value) || (size_t)(Py_SIZE(value) + 1) > 2) {
        return 0;
    }
    *number = (long)Py_SIZE(value) * ((PyLongObject *)value)->ob_digit[0];
    return 1;
}

/* The value of an exact int that is 0 or has one digit and no sign, else -1. */
HOST_INLINE Py_ssize_t host_compact_index(PyObject *value) {
    if (!PyLong_CheckExact(value) || (size_t)Py_SIZE(value) > 1) {
        return -1;
    }
    return Py_SIZE(value) * (Py_ssize_t)((PyLongObject *)value)->ob_digit[0];
}

/* The ints that the host keeps one object of each for, by value. */
#define HOST_SMALLEST_INT (-5)
#define HOST_SMALL_INTS 262
static PyObject *host_small_ints[HOST_SMALL_INTS];

/* Latin-1 characters as strings, of which the host keeps one object each as well. */
static PyObject *host_characters[256];

/* Fills both tables; -1 with an error set. */
static HOST_NOINLINE int host_begin_values(void) {
    for (int i = 0; i < HOST_SMALL_INTS; i++) {
        host_small_ints[i] = PyLong_FromLong(HOST_SMALLEST_INT + i);
        if (host_small_ints[i] == NULL) {
            return -1;
        }
    }
    for (int i = 0; i < 256; i++) {
        host_characters[i] = PyUnicode_FromOrdinal(i);
        if (host_characters[i] == NULL) {
            return -1;
        }
    }
    return 0;
}

/* The character at an index of an exact string, which has it.  PyUnicode_READ_CHAR is too
 * much for gcc to inline in the loop. */
HOST_INLINE Py_UCS4 host_character(PyObject *text, Py_ssize_t index) {
    if (host_likely(PyUnicode_IS_COMPACT_ASCII(text))) {
        return ((const Py_UCS1 *)((PyASCIIObject *)text + 1))[index];
    }
    return PyUnicode_READ_CHAR(text, index);
}

/* A few dead numbers of each kind, kept for the next results: a number's life in a loop
 * is shorter than the allocator's way there and back.  Only memory is kept, linked
 * through the type field as the host links its own free floats.  A host that counts all
 * references (Py_REF_DEBUG) is left to do it alone. */
#define HOST_KEPT_NUMBERS 64
typedef struct {
    PyObject *first;
    int count;
} HostKept;
static HostKept host_kept_ints;
static HostKept host_kept_wide_ints;    /* of two digits */
static HostKept host_kept_floats;

HOST_INLINE PyObject *host_reuse(HostKept *kept, PyTypeObject *type) {
    PyObject *object = kept->first;
    kept->first = (PyObject *)object->ob_type;
    kept->count--;
    object->ob_type = type;
    object->ob_refcnt = 1;
    return object;
}

HOST_INLINE void host_keep(HostKept *kept, PyObject *object) {
    object->ob_type = (PyTypeObject *)kept->first;
    kept->first = object;
    kept->count++;
}

/* Drops a reference.  Whether it was the last one: the object is the caller's to end. */
HOST_INLINE int host_was_last(PyObject *value) {
#ifdef Py_REF_DEBUG
    _Py_RefTotal--;
    if (value->ob_refcnt <= 0) {
        _Py_NegativeRefcount(__FILE__, __LINE__, value);
    }
#endif
    return --value->ob_refcnt == 0;
}

static HOST_NOINLINE void host_end_large_int(PyObject *value) {
    if ((Py_SIZE(value) == 2 || Py_SIZE(value) == -2)
        && host_kept_wide_ints.count < HOST_KEPT_NUMBERS) {
        host_keep(&host_kept_wide_ints, value);
    }
    else {
        PyObject_Free(value);
    }
}

/* Ends an exact int that nothing refers to any more. */
HOST_INLINE void host_end_int(PyObject *value) {
#ifdef Py_REF_DEBUG
    _Py_Dealloc(value);
#else
    if ((size_t)(Py_SIZE(value) + 1) <= 2 && host_kept_ints.count < HOST_KEPT_NUMBERS) {
        host_keep(&host_kept_ints, value);
    }
    else {
        host_end_large_int(value);
    }
#endif
}

/* The same for an exact float. */
HOST_INLINE void host_end_float(PyObject *value) {
#ifndef Py_REF_DEBUG
    if (host_kept_floats.count < HOST_KEPT_NUMBERS) {
        host_keep(&host_kept_floats, value);
        return;
    }
#endif
    _Py_Dealloc(value);
}

/* Drops a reference to an exact int. */
HOST_INLINE void host_drop_int(PyObject *value) {
    if (host_was_last(value)) {
        host_end_int(value);
    }
}

/* Drops a reference to an exact float. */
HOST_INLINE void host_drop_float(PyObject *value) {
    if (host_was_last(value)) {
        host_end_float(value);
    }
}

static HOST_NOINLINE int host_drop_last_number(PyObject *value) {
    if (PyLong_CheckExact(value)) {
        host_drop_int(value);
        return 1;
    }
    if (PyFloat_CheckExact(value)) {
        host_drop_float(value);
        return 1;
    }
    return 0;
}

/* Drops a reference if that runs nothing: another is left, or it is a number's. */
HOST_INLINE int host_drop_unseen(PyObject *value) {
    if (host_unlikely(Py_REFCNT(value) == 1)) {
        return host_drop_last_number(value);
    }
    (void)host_was_last(value);
    return 1;
}

HOST_INLINE int host_is_small(long value) {
    return (unsigned long)(value - HOST_SMALLEST_INT) < HOST_SMALL_INTS;
}

HOST_INLINE int host_has_one_digit(long value) {
    return (unsigned long)(value + (long)PyLong_MASK) <= 2 * (unsigned long)PyLong_MASK;
}

HOST_INLINE void host_set_int(PyObject *object, long value) {
    Py_SET_SIZE((PyVarObject *)object, value < 0 ? -1 : 1);
    ((PyLongObject *)object)->ob_digit[0] = (digit)(value < 0 ? -value : value);
}

HOST_INLINE void host_set_float(PyObject *object, double value) {
    ((PyFloatObject *)object)->ob_fval = value;
}

/* A new reference to the int of this value; NULL with an error without memory. */
HOST_INLINE PyObject *host_new_int(long value) {
    if (host_is_small(value)) {
        return Py_NewRef(host_small_ints[value - HOST_SMALLEST_INT]);
    }
#ifndef Py_REF_DEBUG
    if (host_has_one_digit(value) && host_kept_ints.count != 0) {
        PyObject *object = host_reuse(&host_kept_ints, &PyLong_Type);
        host_set_int(object, value);
        return object;
    }
#endif
    return PyLong_FromLong(value);
}

/* The same for a float. */
HOST_INLINE PyObject *host_new_float(double value) {
#ifndef Py_REF_DEBUG
    if (host_kept_floats.count != 0) {
        PyObject *object = host_reuse(&host_kept_floats, &PyFloat_Type);
        host_set_float(object, value);
        return object;
    }
#endif
    return PyFloat_FromDouble(value);
}

/* Whether two values are equal ints; -1 if one is neither an exact int nor None, which
 * is equal to no int.  Runs no code. */
HOST_INLINE int host_ints_equal(PyObject *left, PyObject *right) {
    if (!PyLong_CheckExact(left) || !PyLong_CheckExact(right)) {
        int known = (PyLong_CheckExact(left) || left == Py_None)
            && (PyLong_CheckExact(right) || right == Py_None);
        return known ? left == right : -1;
    }
    if (Py_SIZE(left) != Py_SIZE(right)) {
        return 0;
    }
    Py_ssize_t digits = Py_SIZE(left) < 0 ? -Py_SIZE(left) : Py_SIZE(left);
    return memcmp(
        ((PyLongObject *)left)->ob_digit, ((PyLongObject *)right)->ob_digit,
        (size_t)digits * sizeof(digit)
    ) == 0;
}

HOST_INLINE int host_has_two_digits(PyObject *value) {
    return Py_SIZE(value) == 2 || Py_SIZE(value) == -2;
}

HOST_INLINE void host_set_wide_int(PyObject *object, long value) {
    unsigned long magnitude = value < 0 ? 0UL - (unsigned long)value : (unsigned long)value;
    Py_SET_SIZE((PyVarObject *)object, value < 0 ? -2 : 2);
    ((PyLongObject *)object)->ob_digit[0] = (digit)(magnitude & PyLong_MASK);
    ((PyLongObject *)object)->ob_digit[1] = (digit)(magnitude >> PyLong_SHIFT);
}

/* host_int_from_ints for a value of more than one digit. */
static HOST_NOINLINE PyObject *host_wide_int_from_ints(
    PyObject *left, PyObject *right, long value)
{
    PyObject *result = NULL;
#ifndef Py_REF_DEBUG
    if (value < 1L << 60 && value > -(1L << 60)) {
        if (Py_REFCNT(left) == 1 && host_has_two_digits(left)) {
            host_set_wide_int(left, value);
            host_drop_int(right);
            return left;
        }
        if (Py_REFCNT(right) == 1 && host_has_two_digits(right)) {
            host_set_wide_int(right, value);
            host_drop_int(left);
            return right;
        }
        if (host_kept_wide_ints.count != 0) {
            result = host_reuse(&host_kept_wide_ints, &PyLong_Type);
            host_set_wide_int(result, value);
        }
    }
#endif
    if (result == NULL) {
        result = PyLong_FromLong(value);
    }
    if (result != NULL) {
        host_drop_int(left);
        host_drop_int(right);
    }
    return result;
}

/* The int of this value in the place of two exact ints, whose references it takes over.
 * One that nothing else holds becomes the result.  NULL with an error, both kept. */
HOST_INLINE PyObject *host_int_from_ints(PyObject *left, PyObject *right, long value) {
    PyObject *result;
    if (host_unlikely(!host_has_one_digit(value))) {
        return host_wide_int_from_ints(left, right, value);
    }
    if (!host_is_small(value)) {
        if (Py_REFCNT(left) == 1) {
            host_set_int(left, value);
            host_drop_int(right);
            return left;
        }
        if (Py_REFCNT(right) == 1) {
            host_set_int(right, value);
            host_drop_int(left);
            return right;
        }
    }
    result = host_new_int(value);
    if (host_likely(result != NULL)) {
        host_drop_int(left);
        host_drop_int(right);
    }
    return result;
}

/* Gives an exact int that nobody else can see this value; whether it could.  Not a small
 * one, of which there is one int only, nor one of more digits. */
HOST_INLINE int host_become_int(PyObject *number, long value) {
    if (host_unlikely(!host_has_one_digit(value)) || host_is_small(value)) {
        return 0;
    }
    host_set_int(number, value);
    return 1;
}

/* The int of this value in the place of one exact int, whose reference it takes over. */
HOST_INLINE PyObject *host_int_from_int(PyObject *operand, long value) {
    PyObject *result;
    if (Py_REFCNT(operand) == 1 && host_become_int(operand, value)) {
        return operand;
    }
    result = host_new_int(value);
    if (host_likely(result != NULL)) {
        host_drop_int(operand);
    }
    return result;
}

/* The same for an exact float. */
HOST_INLINE PyObject *host_float_from_float(PyObject *operand, double value) {
    PyObject *result;
    if (Py_REFCNT(operand) == 1) {
        host_set_float(operand, value);
        return operand;
    }
    result = host_new_float(value);
    if (host_likely(result != NULL)) {
        host_drop_float(operand);
    }
    return result;
}

/* host_int_from_ints for two exact floats. */
HOST_INLINE PyObject *host_float_from_floats(
    PyObject *left, PyObject *right, double value)
{
    PyObject *result;
    if (Py_REFCNT(left) == 1) {
        host_set_float(left, value);
        host_drop_float(right);
        return left;
    }
    if (Py_REFCNT(right) == 1) {
        host_set_float(right, value);
        host_drop_float(left);
        return right;
    }
    result = host_new_float(value);
    if (host_likely(result != NULL)) {
        host_drop_float(left);
        host_drop_float(right);
    }
    return result;
}

/* Where a type's PyNumberMethods have a function; no slot is 0. */
#define HOST_NUMBER_SLOT(name) ((int)offsetof(PyNumberMethods, name) + 1)

/* A type's function in the slot; NULL if it has none, or one in the other slot, which is
 * for changing the left operand in place and is asked before. */
HOST_INLINE binaryfunc host_number_function(PyTypeObject *type, int plain, int in_place) {
    char *methods = (char *)type->tp_as_number - 1;
    if (type->tp_as_number == NULL || plain == 0
        || (in_place != 0 && *(binaryfunc *)(methods + in_place) != NULL)) {
        return NULL;
    }
    return *(binaryfunc *)(methods + plain);
}

/* -- types, instances and their dicts ------------------------------------------------ */

/* The version of a type, or 0: changes whenever the type or a base of it does, and is
 * never used again (typeobject.c 3.11). */
HOST_INLINE unsigned int host_type_version(PyTypeObject *type) {
    return PyType_HasFeature(type, Py_TPFLAGS_VALID_VERSION_TAG) ? type->tp_version_tag : 0;
}

/* The inline attribute values of an instance whose type has a managed dict; NULL when
 * they have moved into its dict (pycore_object.h 3.11). */
HOST_INLINE PyObject **host_instance_values(PyObject *owner) {
    PyDictValues *values = ((PyDictValues **)owner)[-4];
    return values == NULL ? NULL : values->values;
}

/* The dict of such an instance, borrowed; NULL when it has none. */
HOST_INLINE PyObject *host_instance_dict(PyObject *owner) {
    return ((PyObject **)owner)[-3];
}

/* Stores the value, whose reference is taken over, in an instance's inline values; the
 * old one, whose reference is the caller's now, or NULL. */
HOST_INLINE PyObject *host_store_value(PyObject *owner, int index, PyObject *value) {
    PyDictValues *values = ((PyDictValues **)owner)[-4];
    PyObject *old = values->values[index];
    values->values[index] = value;
    if (old == NULL) {
        _PyDictValues_AddToInsertionOrder(values, index);
    }
    return old;
}

/* How many attribute names the instances of a type share so far: the list only grows. */
HOST_INLINE int host_shared_names(PyTypeObject *type) {
    PyDictKeysObject *keys = ((PyHeapTypeObject *)type)->ht_cached_keys;
    return keys == NULL ? 0 : (int)keys->dk_nentries;
}

/* The index of an interned name among them, or -1. */
static HOST_NOINLINE int host_shared_index(PyTypeObject *type, PyObject *name) {
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

HOST_INLINE int host_keys_index(PyDictKeysObject *keys, size_t slot) {
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
static HOST_NOINLINE int host_find_name(PyObject *dict, PyObject *name, PyObject **value) {
    PyDictObject *mapping = (PyDictObject *)dict;
    PyDictKeysObject *keys = mapping->ma_keys;
    Py_hash_t hash = ((PyASCIIObject *)name)->hash;
    PyDictValues *values = mapping->ma_values;
    if (keys->dk_kind == DICT_KEYS_GENERAL || hash == -1 || DK_LOG_SIZE(keys) >= 32
        || (keys->dk_kind == DICT_KEYS_SPLIT) != (values != NULL)) {
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
                if (values != NULL) {
                    *value = values->values[index];
                    return *value != NULL;
                }
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
static HOST_NOINLINE int host_slot_offset(
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

/* Whether the value's class may still change what the value is: a class statement's, or
 * another heap type that is not sealed. */
HOST_INLINE int host_is_of_mutable_type(PyObject *value) {
    return !PyType_HasFeature(Py_TYPE(value), Py_TPFLAGS_IMMUTABLETYPE);
}

HOST_INLINE int host_is_data_descriptor(PyObject *value) {
    return Py_TYPE(value)->tp_descr_set != NULL;
}

HOST_INLINE int host_is_descriptor(PyObject *value) {
    return Py_TYPE(value)->tp_descr_get != NULL;
}

HOST_INLINE int host_has_managed_dict(PyTypeObject *type) {
    return PyType_HasFeature(type, Py_TPFLAGS_MANAGED_DICT);
}

/* Whether instances are true whatever they hold (object.c 3.11, PyObject_IsTrue). */
static HOST_NOINLINE int host_is_always_true(PyTypeObject *type) {
    return (type->tp_as_number == NULL || type->tp_as_number->nb_bool == NULL)
        && (type->tp_as_mapping == NULL || type->tp_as_mapping->mp_length == NULL)
        && (type->tp_as_sequence == NULL || type->tp_as_sequence->sq_length == NULL);
}

HOST_INLINE int host_has_no_dict(PyTypeObject *type) {
    return type->tp_dictoffset == 0;
}

HOST_INLINE int host_loads_generically(PyTypeObject *type) {
    return type->tp_getattro == PyObject_GenericGetAttr;
}

HOST_INLINE int host_stores_generically(PyTypeObject *type) {
    return type->tp_setattro == PyObject_GenericSetAttr;
}

/* -- strings, lists and slices --------------------------------------------------------- */

/* Strings of the old C API have neither length nor kind until someone asks (PEP 393). */
static HOST_NOINLINE int host_old_strings_equal(PyObject *left, PyObject *right) {
    int equal = PyUnicode_Compare(left, right) == 0;
    PyErr_Clear(); /* no memory to find out: they count as different */
    return equal;
}

/* Whether two exact strings are equal; runs no code. */
HOST_INLINE int host_strings_equal(PyObject *left, PyObject *right) {
    if (left == right) {
        return 1;
    }
    if (host_unlikely(!PyUnicode_IS_READY(left) || !PyUnicode_IS_READY(right))) {
        return host_old_strings_equal(left, right);
    }
    Py_ssize_t length = PyUnicode_GET_LENGTH(left);
    int kind = PyUnicode_KIND(left);
    if (length != PyUnicode_GET_LENGTH(right) || kind != PyUnicode_KIND(right)) {
        return 0;
    }
    return memcmp(PyUnicode_DATA(left), PyUnicode_DATA(right), (size_t)(length * kind)) == 0;
}

/* The truth of an exact string.  One of the old C API is not empty: "" is ready. */
HOST_INLINE int host_string_is_true(PyObject *text) {
    return PyUnicode_GET_LENGTH(text) != 0 || !PyUnicode_IS_READY(text);
}

HOST_INLINE const char *host_bytes(PyObject *text) {
    return PyBytes_AS_STRING(text);
}

HOST_INLINE const char *host_bytearray(PyObject *text) {
    return PyByteArray_AS_STRING(text);
}

/* Whether the bounds of a slice are small ints or None; then their values, not yet
 * adjusted to a length. */
HOST_INLINE int host_plain_bounds(
    PyObject *first, PyObject *last, Py_ssize_t *start, Py_ssize_t *stop
) {
    long number = 0;
    if (first != Py_None && !host_compact(first, &number)) {
        return 0;
    }
    *start = number;
    number = PY_SSIZE_T_MAX;
    if (last != Py_None && !host_compact(last, &number)) {
        return 0;
    }
    *stop = number;
    return 1;
}

/* list[first:last:step] for bounds that are small ints or None and a small step: a new
 * list, or NULL with an error, or without one for anything else. */
static HOST_NOINLINE PyObject *host_list_steps(
    PyObject *list, PyObject *first, PyObject *last, PyObject *by
) {
    long step;
    Py_ssize_t start, stop;
    if (
        !host_compact(by, &step) || step == 0
        || !host_plain_bounds(first, last, &start, &stop)
    ) {
        return NULL;
    }
    if (step < 0) {
        start = first == Py_None ? PY_SSIZE_T_MAX : start;
        stop = last == Py_None ? PY_SSIZE_T_MIN : stop;
    }
    Py_ssize_t count = PySlice_AdjustIndices(PyList_GET_SIZE(list), &start, &stop, step);
    PyObject *result = PyList_New(count);
    if (result == NULL) {
        return NULL;
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        PyList_SET_ITEM(result, i, Py_NewRef(PyList_GET_ITEM(list, start + i * step)));
    }
    return result;
}

/* host_plain_bounds of a slice without a step. */
static HOST_NOINLINE int host_plain_slice(PyObject *slice, Py_ssize_t *start, Py_ssize_t *stop) {
    PySliceObject *bounds = (PySliceObject *)slice;
    return PySlice_Check(slice) && bounds->step == Py_None
        && host_plain_bounds(bounds->start, bounds->stop, start, stop);
}

/* array.array's arrays, which no header describes (Modules/arraymodule.c 3.11). */
struct HostArrayType {
    char typecode;
    int itemsize;
};

typedef struct {
    PyObject_VAR_HEAD
    char *items;
    Py_ssize_t allocated;
    const struct HostArrayType *type;
} HostArray;

/* Whether an instance of a type named array.array is laid out as above, by what it says
 * of itself as a buffer.  It cannot be told of one without memory for items. */
static HOST_NOINLINE int host_knows_array(PyObject *object) {
    HostArray *array = (HostArray *)object;
    Py_buffer view;
    if (PyObject_GetBuffer(object, &view, PyBUF_FORMAT) < 0) {
        PyErr_Clear();
        return 0;
    }
    int known = Py_TYPE(object)->tp_basicsize >= (Py_ssize_t)sizeof(HostArray)
        && view.buf == array->items && view.format[0] == array->type->typecode
        && view.itemsize == array->type->itemsize;
    PyBuffer_Release(&view);
    return known;
}

HOST_INLINE int host_is_array_of_doubles(PyObject *array) {
    return ((HostArray *)array)->type->typecode == 'd';
}

HOST_INLINE double *host_doubles(PyObject *array) {
    return (double *)((HostArray *)array)->items;
}

/* Whether the array's items are ints of C's type int or long; then the one at the index. */
HOST_INLINE int host_int_of_array(PyObject *array, Py_ssize_t index, long *number) {
    HostArray *numbers = (HostArray *)array;
    switch (numbers->type->typecode) {
    case 'i':
        *number = ((int *)numbers->items)[index];
        return 1;
    case 'l':
        *number = ((long *)numbers->items)[index];
        return 1;
    default:
        return 0;
    }
}

/* Appends the value and takes its reference over; -1, with the reference kept, if it fails. */
HOST_INLINE int host_append(PyObject *list, PyObject *value) {
    PyListObject *items = (PyListObject *)list;
    Py_ssize_t size = Py_SIZE(items);
    if (host_likely(size < items->allocated)) {
        PyList_SET_ITEM(list, size, value);
        Py_SET_SIZE(items, size + 1);
        return 0;
    }
    int outcome = PyList_Append(list, value);
    if (outcome == 0) {
        Py_DECREF(value);
    }
    return outcome;
}

/* -- versions ------------------------------------------------------------------------- */

/* Versions of dict keys.  The host counts its own up from 2, zeroes a version when keys
 * change, and has no function for us that assigns one.  Ours come from the top of the 32
 * bits, so that they meet only after the host has assigned all others; they end when the
 * 32 bits do, and then keys stay without a version (0).  The last 2**15 of them, and the
 * host's first 2**15, are those that 16 bits can say, by their sign. */
#define HOST_FIRST_KEYS_VERSION 0xFFFF8000u
static uint32_t host_next_keys_version = HOST_FIRST_KEYS_VERSION;

/* The version of the keys, assigned now if need be; 0 if there are no more. */
HOST_INLINE uint32_t host_keys_version(PyDictKeysObject *keys) {
    if (keys->dk_version == 0 && host_next_keys_version != 0) {
        keys->dk_version = host_next_keys_version++;
    }
    return keys->dk_version;
}

HOST_INLINE void host_set_next_keys_version(uint32_t version) {
    host_next_keys_version = version;
}

HOST_INLINE PyDictKeysObject *host_keys_of(PyObject *dict) {
    return ((PyDictObject *)dict)->ma_keys;
}

HOST_INLINE uint32_t host_assigned_version(PyDictKeysObject *keys) {
    return keys->dk_version;
}

/* Whether 16 bits can say the version, and what they say. */
HOST_INLINE int host_fits_16(uint32_t version) {
    return version == (uint32_t)(int16_t)version;
}

HOST_INLINE uint32_t host_from_16(uint16_t cell) {
    return (uint32_t)(int16_t)cell;
}

/* -- dicts by index ------------------------------------------------------------------- */

/* Where an interned name stands among the entries of a dict, or -1. */
static HOST_NOINLINE Py_ssize_t host_entry_index(PyObject *dict, PyObject *name) {
    PyDictKeysObject *keys = host_keys_of(dict);
    if (keys->dk_kind == DICT_KEYS_GENERAL) {
        return -1;
    }
    PyDictUnicodeEntry *entries = DK_UNICODE_ENTRIES(keys);
    for (Py_ssize_t i = 0; i < keys->dk_nentries; i++) {
        if (entries[i].me_key == name) {
            return i;
        }
    }
    return -1;
}

/* Whether all keys of the dict are exact strings, and it shares them with no other. */
HOST_INLINE int host_has_name_keys(PyObject *dict) {
    return host_keys_of(dict)->dk_kind == DICT_KEYS_UNICODE;
}

/* Where the value is kept at an index that an unchanged keys version vouches for. */
HOST_INLINE PyObject **host_entry_place(PyDictKeysObject *keys, Py_ssize_t index) {
    return &DK_UNICODE_ENTRIES(keys)[index].me_value;
}

/* The value there, borrowed. */
HOST_INLINE PyObject *host_entry_value(PyDictKeysObject *keys, Py_ssize_t index) {
    return *host_entry_place(keys, index);
}

/* The address, of which the compiler does not know what it is equal to. */
HOST_INLINE char *host_opaque(void *address) {
    __asm__("" : "+r"(address));
    return address;
}

/* Where the value of `name` is kept in a dict, if it stands at this index; else NULL. */
HOST_INLINE PyObject **host_hinted_value(PyObject *dict, Py_ssize_t hint, PyObject *name) {
    PyDictKeysObject *keys = host_keys_of(dict);
    if (keys->dk_kind == DICT_KEYS_GENERAL || hint >= keys->dk_nentries) {
        return NULL;
    }
    PyDictUnicodeEntry *entry = &DK_UNICODE_ENTRIES(keys)[hint];
    if (entry->me_key != name) {
        return NULL;
    }
    PyDictValues *values = ((PyDictObject *)dict)->ma_values;
    return values == NULL ? &entry->me_value : &values->values[hint];
}

/* The dict has another value now: collected if the value can be, and with a new version
 * (PEP 509), from the upper half of the 64 bits, which the host does not reach. */
static uint64_t host_next_dict_version = (uint64_t)1 << 63;

HOST_INLINE void host_note_changed(PyObject *dict, PyObject *value) {
    if (!_PyObject_GC_IS_TRACKED(dict) && _PyObject_GC_MAY_BE_TRACKED(value)) {
        _PyObject_GC_TRACK(dict);
    }
    ((PyDictObject *)dict)->ma_version_tag = host_next_dict_version++;
}

HOST_INLINE PyObject *host_module_dict(PyObject *module) {
    return ((PyModuleObject *)module)->md_dict;
}

/* The tag of a type's version: what forms compare.  0 where the version is not valid. */
HOST_INLINE uint32_t host_version_tag(PyTypeObject *type) {
    return type->tp_version_tag;
}

/* What a property reads by, borrowed, or NULL (descrobject.c 3.11). */
typedef struct {
    PyObject_HEAD
    PyObject *getter;
    PyObject *setter;
    PyObject *deleter;
    PyObject *doc;
    PyObject *name;
    int getter_doc;
} HostProperty;

HOST_INLINE PyObject *host_property_getter(PyObject *property) {
    return ((HostProperty *)property)->getter;
}

/* The keys that the instances of a heap type share, or NULL. */
HOST_INLINE PyDictKeysObject *host_shared_keys(PyTypeObject *type) {
    return ((PyHeapTypeObject *)type)->ht_cached_keys;
}

/* The dict of an instance whose type has a plain dict offset: its place, or NULL. */
HOST_INLINE PyObject **host_dict_place(PyObject *owner, PyTypeObject *type) {
    return type->tp_dictoffset > 0
        ? (PyObject **)((char *)owner + type->tp_dictoffset) : NULL;
}

/* -- iterators (listobject.c, tupleobject.c, rangeobject.c, dictobject.c, enumobject.c and
 * bltinmodule.c 3.11; host_mismatch compares the sizes) ------------------------------- */

typedef struct {
    PyObject_HEAD
    Py_ssize_t index;
    PyObject *sequence;     /* NULL once exhausted */
} HostSequenceIterator;

typedef struct {
    PyObject_HEAD
    long index;
    long start;
    long step;
    long len;
} HostRangeIterator;

typedef struct {
    PyObject_HEAD
    PyDictObject *dict;     /* NULL once exhausted */
    Py_ssize_t used;
    Py_ssize_t position;
    PyObject *result;
    Py_ssize_t len;
} HostDictIterator;

typedef struct {
    PyObject_HEAD
    Py_ssize_t index;
    PyObject *iterator;
    PyObject *result;
    PyObject *long_index;
    PyObject *one;
} HostEnumerate;

typedef struct {
    PyObject_HEAD
    Py_ssize_t count;
    PyObject *iterators;
    PyObject *result;
    int strict;
} HostZip;

static HOST_NOINLINE void host_empty_pair(PyObject *pair) {
    PyObject *first = PyTuple_GET_ITEM(pair, 0);
    PyObject *second = PyTuple_GET_ITEM(pair, 1);
    PyTuple_SET_ITEM(pair, 0, Py_NewRef(Py_None));
    PyTuple_SET_ITEM(pair, 1, Py_NewRef(Py_None));
    Py_DECREF(first);
    Py_DECREF(second);
}

/* Iterators of pairs keep the tuple that they have returned, to fill it again if nobody
 * else has it by then.  Whoever takes the next pair without it must end what is in there. */
HOST_INLINE void host_forget_pair(PyObject *pair) {
    if (host_unlikely(PyTuple_GET_ITEM(pair, 0) != Py_None
                      || PyTuple_GET_ITEM(pair, 1) != Py_None)
        && Py_REFCNT(pair) == 1) {
        host_empty_pair(pair);
    }
}

/* The next entry of a plain, unchanged dict that is looped over by items(): 1 with key and
 * value, new references; 0, with nothing done, if the iterator itself must say. */
static HOST_NOINLINE int host_next_entry(PyObject *iterator, PyObject **key, PyObject **value) {
    HostDictIterator *it = (HostDictIterator *)iterator;
    PyDictObject *dict = it->dict;
    if (dict == NULL || it->used != dict->ma_used || dict->ma_values != NULL
        || it->len == 0) {
        return 0;
    }
    PyDictKeysObject *keys = dict->ma_keys;
    Py_ssize_t i = it->position;
    if (DK_IS_UNICODE(keys)) {
        PyDictUnicodeEntry *entries = DK_UNICODE_ENTRIES(keys);
        while (i < keys->dk_nentries && entries[i].me_value == NULL) {
            i++;
        }
        if (i >= keys->dk_nentries) {
            return 0;
        }
        *key = entries[i].me_key;
        *value = entries[i].me_value;
    }
    else {
        PyDictKeyEntry *entries = DK_ENTRIES(keys);
        while (i < keys->dk_nentries && entries[i].me_value == NULL) {
            i++;
        }
        if (i >= keys->dk_nentries) {
            return 0;
        }
        *key = entries[i].me_key;
        *value = entries[i].me_value;
    }
    it->position = i + 1;
    it->len--;
    Py_INCREF(*key);
    Py_INCREF(*value);
    return 1;
}

/* -- builtin functions ----------------------------------------------------------------- */

HOST_INLINE int host_builtin_flags(PyObject *callable) {
    return PyCFunction_CheckExact(callable) ? PyCFunction_GET_FLAGS(callable) : -1;
}

/* The flags of a method descriptor, or -1. */
HOST_INLINE int host_method_flags(PyObject *callable) {
    return Py_IS_TYPE(callable, &PyMethodDescr_Type)
        ? ((PyMethodDescrObject *)callable)->d_method->ml_flags : -1;
}

HOST_INLINE PyCFunction host_method_function(PyObject *callable) {
    return ((PyMethodDescrObject *)callable)->d_method->ml_meth;
}

HOST_INLINE PyTypeObject *host_method_type(PyObject *callable) {
    return PyDescr_TYPE(callable);
}

HOST_INLINE int host_enter_c_call(PyThreadState *ts) {
    if (host_unlikely(ts->recursion_remaining-- <= 0)) {
        return _Py_CheckRecursiveCall(ts, " while calling a Python object");
    }
    return 0;
}

HOST_INLINE PyObject *host_call_one(PyCFunction function, PyObject *self, PyObject *arg) {
    return _PyCFunction_TrampolineCall(function, self, arg);
}

HOST_INLINE PyObject *host_call_fast(
    PyCFunction function, PyObject *self, PyObject **args, Py_ssize_t count)
{
    return ((_PyCFunctionFast)(void (*)(void))function)(self, args, count);
}

HOST_INLINE PyObject *host_call_fast_keywords(
    PyCFunction function, PyObject *self, PyObject **args, Py_ssize_t count,
    PyObject *names)
{
    return ((_PyCFunctionFastWithKeywords)(void (*)(void))function)(
        self, args, count, names);
}

HOST_INLINE PyObject *host_len_function(PyThreadState *ts) {
    return ts->interp->callable_cache.len;
}

HOST_INLINE PyObject *host_isinstance_function(PyThreadState *ts) {
    return ts->interp->callable_cache.isinstance;
}

HOST_INLINE PyObject *host_list_append(PyThreadState *ts) {
    return ts->interp->callable_cache.list_append;
}

/* -- functions ----------------------------------------------------------------------- */

/* Whether calling the function means just this: bind the arguments, run the code. */
HOST_INLINE int host_is_plain_function(PyObject *callable) {
    return Py_IS_TYPE(callable, &PyFunction_Type)
        && ((PyFunctionObject *)callable)->vectorcall == _PyFunction_Vectorcall;
}

/* Whether it is a function that a CALL in a Python frame runs by its code alone: on 3.11
 * that does not ask for another `vectorcall` (ceval.c 3.11, CALL). */
HOST_INLINE int host_runs_code(PyObject *callable) {
    return Py_IS_TYPE(callable, &PyFunction_Type);
}

/* -- imports ------------------------------------------------------------------------- */

/* The interpreter's own __import__, borrowed: while builtins holds this one, an import
 * statement need not call it (ceval.c 3.11, import_name). */
static HOST_NOINLINE PyObject *host_import_func(void) {
    return PyInterpreterState_Get()->import_func;
}

/* -- the process --------------------------------------------------------------------- */

/* The program begins: an empty frame stack and the whole recursion limit. */
static HOST_NOINLINE void host_begin_program(PyThreadState *ts) {
    ts->cframe->current_frame = NULL;
    ts->recursion_remaining = ts->recursion_limit;
}

/* -- the frame-evaluation hook ------------------------------------------------------- */

/* Whether calls of Python functions come to `hook` first: another tool may have put its
 * own in its place. */
HOST_INLINE int host_hook_is(PyThreadState *ts, _PyFrameEvalFunction hook) {
    return ts->interp->eval_frame == hook;
}

/* -- threads ------------------------------------------------------------------------- */

/* No other thread state of the process has or gets this number; never 0. */
HOST_INLINE uint64_t host_thread_id(PyThreadState *ts) {
    return ts->id;
}

/* Whether it runs in the thread that the host calls its main one; after a fork the
 * thread that forked. */
HOST_INLINE int host_is_main_thread(PyThreadState *ts) {
    return ts->thread_id == _PyRuntime.main_thread;
}

/* -- what must be true of the running host ------------------------------------------- */

/* NULL, or why the running interpreter is not the one that this was compiled for: the
 * sizes that its types declare, then what fields of the thread state should say. */
static HOST_NOINLINE const char *host_mismatch(void) {
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
    if (PyListIter_Type.tp_basicsize != (Py_ssize_t)sizeof(HostSequenceIterator)
        || PyTupleIter_Type.tp_basicsize != (Py_ssize_t)sizeof(HostSequenceIterator)
        || PyRangeIter_Type.tp_basicsize != (Py_ssize_t)sizeof(HostRangeIterator)
        || PyDictIterItem_Type.tp_basicsize != (Py_ssize_t)sizeof(HostDictIterator)
        || PyEnum_Type.tp_basicsize != (Py_ssize_t)sizeof(HostEnumerate)
        || PyZip_Type.tp_basicsize != (Py_ssize_t)sizeof(HostZip)
        || PyProperty_Type.tp_basicsize != (Py_ssize_t)sizeof(HostProperty)) {
        return "the sizes of iterators or properties differ";
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
