"""Speed and cost, measured. Nothing here decides a test."""
