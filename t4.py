import sys
def f(): raise SystemExit(1)
f()
