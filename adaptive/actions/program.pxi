# Running a program as the host runs `__main__`, to the end of the process.
# Text of _core.pyx.

from libc.stdlib cimport exit
from libc.signal cimport SIG_DFL, SIGINT, signal
from posix.signal cimport kill
from posix.unistd cimport getpid

# The status with which the host says that its own shutdown failed.
cdef enum:
    SHUTDOWN_FAILED = 120


cdef void flush(const char *stream) noexcept nogil:
    """Flushes one of sys's streams, whatever stands there."""
    cdef PyObject *found = PySys_GetObject(stream)
    cdef PyObject *done
    if found is NULL or found is Py_None:
        return
    done = PyObject_CallMethodNoArgs(found, STR_FLUSH)
    if done is NULL:
        PyErr_Clear()
    Py_XDECREF(done)


cdef void flush_streams() noexcept nogil:
    """Flushes both streams, keeping a pending exception."""
    cdef PyObject *kind = NULL
    cdef PyObject *value = NULL
    cdef PyObject *traceback = NULL
    PyErr_Fetch(&kind, &value, &traceback)
    flush(b"stderr")
    flush(b"stdout")
    PyErr_Restore(kind, value, traceback)


cdef void forget_name(PyObject *namespace, const char *name) noexcept nogil:
    if PyDict_DelItemString(namespace, name) < 0:
        PyErr_Clear()


def run_main(start):
    """Runs `__main__` from a code object or a callable, and ends the process.

    Never returns: Python code of ours after the program would show in the program's
    own trace and profile functions.  Nothing of ours is below the program on the frame
    stack or counted in its recursion depth.  An exception that nobody handled is
    printed as the host does; KeyboardInterrupt ends the process by SIGINT.
    Raises: whatever there is to raise if there is no `__main__` module.
    Source: pythonrun.c and main.c 3.11 (pymain_run_python, Py_RunMain).
    """
    cdef PyObject *module = PyImport_AddModule(b"__main__")
    if module is NULL:
        raise RuntimeError("adaptive: there is no __main__ module to run in")
    cdef PyObject *namespace = PyModule_GetDict(module)
    cdef PyObject *program = <PyObject *>start
    cdef bint is_code = PyCode_Check(program)
    cdef bint interrupted = False
    cdef int status = 0
    cdef PyObject *result
    host_begin_program(PyThreadState_Get())
    if is_code:
        result = PyEval_EvalCode(program, namespace, namespace)
        flush_streams()
    else:
        result = PyObject_CallNoArgs(program)
    if result is NULL:
        status = 1
        interrupted = PyErr_ExceptionMatches(PyExc_KeyboardInterrupt)
        PyErr_Print()       # SystemExit ends the process here
    Py_XDECREF(result)
    if is_code:
        forget_name(namespace, b"__file__")
        forget_name(namespace, b"__cached__")
    if Py_FinalizeEx() < 0:
        status = SHUTDOWN_FAILED
    if interrupted:
        signal(SIGINT, SIG_DFL)
        kill(getpid(), SIGINT)
    exit(status)
