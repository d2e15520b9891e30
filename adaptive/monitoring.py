"""Tool events on the engine: the shape of CPython 3.12's ``sys.monitoring`` (PEP 669).

    from adaptive import monitoring

    monitoring.use_tool_id(monitoring.COVERAGE_ID, "lines")
    monitoring.register_callback(monitoring.COVERAGE_ID, monitoring.events.LINE, print)
    monitoring.set_events(monitoring.COVERAGE_ID, monitoring.events.LINE)

Everything here has the names, arguments, results and error messages that the host's
own module has where there is one.  Told is what the engine runs (docs/monitoring.md);
code that nobody watches does not know of it.

Raises ImportError, at import, where the engine does not fit the interpreter.
"""

from __future__ import annotations

from types import SimpleNamespace

import adaptive
from adaptive import isa

_core = adaptive._engine()

#: The numbers that tools of these kinds agree to use; 3 and 4 are anybody's.
DEBUGGER_ID = 0
COVERAGE_ID = 1
PROFILER_ID = 2
OPTIMIZER_ID = 5

#: What a tool returns to be told no more at this place, and what it is given for the
#: first argument of a call that has none.
DISABLE: object
MISSING: object
DISABLE, MISSING = _core.marks()

#: Each event as a bit, by its name.
events = SimpleNamespace(
    **{name: 1 << number for number, name in enumerate(isa.EVENTS)}, NO_EVENTS=0
)

use_tool_id = _core.use_tool_id
clear_tool_id = _core.clear_tool_id
free_tool_id = _core.free_tool_id
get_tool = _core.get_tool
register_callback = _core.register_callback
get_events = _core.get_events
set_events = _core.set_events
get_local_events = _core.get_local_events
set_local_events = _core.set_local_events
restart_events = _core.restart_events
_all_events = _core._all_events
