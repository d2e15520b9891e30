"""The build that counts has the functions of the plain one."""

from adaptive._core import *  # noqa: F403
