"""How the functions, triggers, views, test data and integrity checks under `sql/` behave."""
