"""The net of MIST: how it views a sample, and what it makes of the views."""
