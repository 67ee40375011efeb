"""The information bottleneck: a classifier that forgets what labels do not need."""
