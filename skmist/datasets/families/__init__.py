"""Joint distributions with known mutual information, one family a file."""
