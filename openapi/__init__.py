"""Makes docs/openapi.json from the code's own tables and models: `make openapi`. For development, never deployed."""
