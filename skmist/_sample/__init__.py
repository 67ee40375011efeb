"""What the user hands in, read, checked and typed once; numpy and pandas only."""
