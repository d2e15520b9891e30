"""Tool events, and the newer CPythons' own tests of them."""
