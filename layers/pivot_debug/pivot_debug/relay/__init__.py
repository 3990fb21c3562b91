"""The recording relay: it stands in front of a Pivot server, hands each request on and records the exchange."""
