"""Random structural models of tables: graphs of columns, and what depends on them."""
