"""The operators' command line: tokens, account settings, and sending dumps in. Never shipped to Lambda."""
