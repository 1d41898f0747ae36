"""How the checkout becomes what people install; `packaging/build.py` is its one entry."""
