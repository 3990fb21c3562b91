"""Stand-alone scripts that bring KAZOO's own debug documents into Pivot Debug. They need nothing but Python 3.11."""
