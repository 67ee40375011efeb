"""The gradient of the MI in the positions of the rows of a batch."""
