from adaptive._core import *
